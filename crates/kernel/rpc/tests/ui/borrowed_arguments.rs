#[rpc::service(name = "desk.notes")]
trait Notes {
    #[rpc(read)]
    async fn find(&self, cx: &kernel::CallContext, text: &str) -> Result<u32, kernel::CallError>;

    #[rpc(read)]
    async fn many(&self, cx: &kernel::CallContext, ids: Vec<&'static str>) -> Result<u32, kernel::CallError>;
}

fn main() {}
