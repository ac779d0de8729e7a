#[rpc::service(name = "desk.notes")]
trait Notes {
    async fn read(&self, cx: &kernel::CallContext) -> Result<u32, kernel::CallError>;

    #[rpc(write)]
    async fn write(&self, cx: &kernel::CallContext) -> Result<u32, kernel::CallError>;

    #[rpc(read)]
    fn now(&self, cx: &kernel::CallContext) -> Result<u32, kernel::CallError>;
}

fn main() {}
