use crate::notes::NotesClient;
use kernel::{CallContext, CallError};
use rpc::schema::{GroupContract, compatible};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// A leaf of a tree of them.
#[derive(Serialize, Deserialize, ToSchema)]
struct Leaf {
    name: String,
    #[schema(no_recursion)]
    leaves: Vec<Leaf>,
}

mod elsewhere {
    #[derive(serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
    pub(super) struct Leaf {
        pub(super) colour: String,
    }
}

#[rpc::service(name = "trees", shared)]
trait Trees {
    /// A tree.
    ///
    /// And more about it.
    #[rpc(read)]
    async fn tree(&self, cx: &CallContext, depth: Option<u8>, name: String) -> Result<Leaf, CallError>;

    #[rpc(read)]
    async fn grow(&self, cx: &CallContext) -> Result<(), CallError>;
}

#[rpc::service(name = "desk.clash")]
trait Clash {
    #[rpc(read)]
    async fn leaf(&self, cx: &CallContext, leaf: elsewhere::Leaf) -> Result<Leaf, CallError>;
}

#[test]
fn a_contract_describes_itself() {
    let contract = GroupContract::new("desk", 3).with::<TreesClient>();
    let tree = &contract.contracts["desk.trees"].methods["tree"];
    assert_eq!(
        serde_json::to_value(tree).unwrap(),
        json!({
            "mode": "read",
            "summary": "A tree.",
            "arguments": {
                "type": "object",
                "properties": {
                    "depth": {"oneOf": [{"type": "null"}, {"type": "integer", "format": "int32", "minimum": 0}]},
                    "name": {"type": "string"},
                },
                "required": ["name"],
            },
            "answer": {"$ref": "#/schemas/Leaf"},
            "error": {"$ref": "#/schemas/CallError"},
            "stream": false,
        })
    );
    assert_eq!(
        contract.schemas["Leaf"]["properties"]["leaves"]["items"],
        json!({"$ref": "#/schemas/Leaf"})
    );
    let grow = &contract.contracts["desk.trees"].methods["grow"];
    assert_eq!(grow.answer, json!({"type": "null"}));
    assert!(contract.problems().is_empty(), "{:?}", contract.problems());
    assert!(compatible(&contract, &contract).is_empty());
}

#[test]
fn the_key_of_an_effect_is_no_argument() {
    let contract = GroupContract::new("desk", 1).with::<NotesClient>();
    let write = &contract.contracts["desk.notes"].methods["write"];
    assert_eq!(write.arguments["required"], json!(["text"]));
}

#[test]
fn contracts_of_one_group_stand_in_one_document() {
    let notes = GroupContract::new("desk", 1).with::<NotesClient>();
    let trees = GroupContract::new("desk", 9).with::<TreesClient>();
    let both = notes.clone().and(trees);
    assert_eq!(
        both.contracts.keys().collect::<Vec<_>>(),
        ["desk.notes", "desk.trees"]
    );
    assert_eq!(both.version, 1);
    assert!(both.problems().is_empty(), "{:?}", both.problems());
    assert_ne!(both.hash(), notes.hash());
    assert_eq!(both.hash().len(), 64);
}

#[test]
fn what_cannot_be_relied_on_is_said() {
    let twice = GroupContract::new("desk", 1).with::<ClashClient>().problems();
    assert!(twice[0].contains("two types are called 'Leaf'"), "{twice:?}");
    let apart = GroupContract::new("desk", 1)
        .with::<TreesClient>()
        .and(GroupContract::new("desk", 1).with::<ClashClient>());
    assert_eq!(apart.problems().len(), 1);
    let foreign = GroupContract::new("chair", 1).with::<NotesClient>().problems();
    assert!(foreign[0].contains("begins with 'chair.'"), "{foreign:?}");
}
