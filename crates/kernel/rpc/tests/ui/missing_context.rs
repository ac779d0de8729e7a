#[rpc::service(name = "desk.notes")]
trait Notes {
    #[rpc(read)]
    async fn read(&self, id: u32) -> Result<String, kernel::CallError>;

    #[rpc(read)]
    async fn list(&self) -> Result<Vec<String>, kernel::CallError>;
}

fn main() {}
