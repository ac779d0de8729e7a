#[rpc::service(name = "desk.notes")]
trait Notes {
    #[rpc(effect)]
    async fn write(&self, cx: &kernel::CallContext, text: String) -> Result<u32, kernel::CallError>;
}

fn main() {}
