#[rpc::service(name = "desk.notes")]
trait Notes {
    #[rpc(effect)]
    async fn run(
        &self,
        cx: &kernel::CallContext,
        key: kernel::IdempotencyKey,
    ) -> Result<rpc::ItemStream<u64, kernel::CallError>, kernel::CallError>;

    #[rpc(read)]
    async fn watch(&self, cx: &kernel::CallContext) -> Result<rpc::ItemStream<u64, String>, kernel::CallError>;
}

fn main() {}
