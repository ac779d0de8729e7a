//! What breaks the rules of a contract is refused, and told what to do instead. That a refusal ends the build is shown by the
//! documentation of [`service`](crate::service).

use crate::expand;
use quote::ToTokens;

/// What is said of the methods of a contract, in their order.
fn refusals(methods: &str) -> Vec<String> {
    let source = format!("#[rpc::service(name = \"desk.notes\")] trait Notes {{ {methods} }}");
    let mut contract: syn::ItemTrait = syn::parse_str(&source).expect("a trait");
    let attribute = contract.attrs.remove(0);
    let arguments = attribute.meta.require_list().expect("arguments");
    let refused = expand(arguments.tokens.clone(), contract.into_token_stream());
    let refused = refused.expect_err("a refusal");
    refused.into_iter().map(|error| error.to_string()).collect()
}

#[test]
fn arguments_that_are_borrowed() {
    const OWNED: &str = "arguments are owned, so that an effect can outlive its caller and a call can cross the wire: write `String` for `&str`, `Vec<T>` for `&[T]`, `T` for `&T`";
    let said = refusals(
        "#[rpc(read)]
         async fn find(&self, cx: &kernel::CallContext, text: &str) -> Result<u32, kernel::CallError>;
         #[rpc(read)]
         async fn many(&self, cx: &kernel::CallContext, ids: Vec<&'static str>) -> Result<u32, kernel::CallError>;",
    );
    assert_eq!(said, [OWNED, OWNED]);
}

#[test]
fn an_effect_without_a_key() {
    let said = refusals(
        "#[rpc(effect)]
         async fn write(&self, cx: &kernel::CallContext, text: String) -> Result<u32, kernel::CallError>;",
    );
    assert_eq!(
        said,
        [
            "an effect carries an idempotency key, so that asking again does nothing twice: write `key: IdempotencyKey` after `cx`, or declare the method #[rpc(read)] or #[rpc(idempotent)]"
        ]
    );
}

#[test]
fn a_read_with_a_key() {
    let said = refusals(
        "#[rpc(read)]
         async fn read(&self, cx: &kernel::CallContext, key: kernel::IdempotencyKey) -> Result<u32, kernel::CallError>;",
    );
    assert_eq!(
        said,
        ["only an effect takes a key: declare the method #[rpc(effect)] or leave the key out"]
    );
}

#[test]
fn a_call_of_nobody() {
    const CONTEXT: &str = "after `&self` comes `cx: &CallContext`: who asks, until when, as part of what";
    let said = refusals(
        "#[rpc(read)]
         async fn read(&self, id: u32) -> Result<String, kernel::CallError>;
         #[rpc(read)]
         async fn list(&self) -> Result<Vec<String>, kernel::CallError>;",
    );
    assert_eq!(said, [CONTEXT, CONTEXT]);
}

#[test]
fn a_method_that_does_not_say_what_calling_it_means() {
    const MODE: &str = "say what calling this means: #[rpc(read)], #[rpc(idempotent)] or #[rpc(effect)]";
    let said = refusals(
        "async fn read(&self, cx: &kernel::CallContext) -> Result<u32, kernel::CallError>;
         #[rpc(write)]
         async fn write(&self, cx: &kernel::CallContext) -> Result<u32, kernel::CallError>;
         #[rpc(read)]
         fn now(&self, cx: &kernel::CallContext) -> Result<u32, kernel::CallError>;",
    );
    assert_eq!(
        said,
        [MODE, MODE, "a contract's methods are async: write `async fn`"]
    );
}

#[test]
fn an_answer_that_cannot_be_an_error() {
    const RESULT: &str = "every call can fail: answer with `Result<T, E>` and name both types";
    let said = refusals(
        "#[rpc(read)]
         async fn read(&self, cx: &kernel::CallContext, id: u32) -> String;
         #[rpc(read)]
         async fn list(&self, cx: &kernel::CallContext) -> Answer<Vec<String>>;
         #[rpc(read)]
         async fn count(&self, cx: &kernel::CallContext);",
    );
    assert_eq!(said, [RESULT, RESULT, RESULT]);
}

#[test]
fn a_stream_that_cannot_be_opened_again() {
    let said = refusals(
        "#[rpc(effect)]
         async fn run(&self, cx: &kernel::CallContext, key: kernel::IdempotencyKey) -> Result<rpc::ItemStream<u64, kernel::CallError>, kernel::CallError>;
         #[rpc(read)]
         async fn watch(&self, cx: &kernel::CallContext) -> Result<rpc::ItemStream<u64, String>, kernel::CallError>;",
    );
    assert_eq!(
        said,
        [
            "a stream is a read of something that stays, so that it can be opened again where it broke: start the work with an #[rpc(effect)] and watch it with an #[rpc(read)]",
            "a stream fails as its opening does: write `Result<ItemStream<T, E>, E>` with the same `E`",
        ]
    );
}
