use serde::{Deserialize, Serialize};

struct Lock;

#[derive(Serialize, Deserialize)]
struct Shapeless;

#[rpc::service(name = "desk.notes")]
trait Notes {
    #[rpc(read)]
    async fn read(&self, cx: &kernel::CallContext, lock: Lock) -> Result<u32, kernel::CallError>;

    #[rpc(read)]
    async fn list(&self, cx: &kernel::CallContext) -> Result<Vec<Shapeless>, kernel::CallError>;
}

fn main() {}
