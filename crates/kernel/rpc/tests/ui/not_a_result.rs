type Answer<T> = Result<T, kernel::CallError>;

#[rpc::service(name = "desk.notes")]
trait Notes {
    #[rpc(read)]
    async fn read(&self, cx: &kernel::CallContext, id: u32) -> String;

    #[rpc(read)]
    async fn list(&self, cx: &kernel::CallContext) -> Answer<Vec<String>>;

    #[rpc(read)]
    async fn count(&self, cx: &kernel::CallContext);
}

fn main() {}
