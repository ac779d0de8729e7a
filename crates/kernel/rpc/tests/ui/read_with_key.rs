#[rpc::service(name = "desk.notes")]
trait Notes {
    #[rpc(read)]
    async fn read(&self, cx: &kernel::CallContext, key: kernel::IdempotencyKey) -> Result<u32, kernel::CallError>;
}

fn main() {}
