use super::{
    Breach, ContractSchema, GroupContract, MethodSchema,
    cover::{Cover, Side},
};

/// Where a client that was built with `client` and a server that answers `server` do not understand each other; empty
/// if they do.
///
/// For each method that the client knows the server must accept all that the client may send, and the client must be
/// able to read all that the server may send. So these fit: methods that only one side uses, arguments that only the
/// server knows and that may be left out, members of answers that only the server knows. It is a question in one
/// direction: an older client may fit a newer server while a newer client does not fit an older server.
pub fn compatible(client: &GroupContract, server: &GroupContract) -> Vec<Breach> {
    let mut found = Vec::new();
    for (name, ours) in &client.contracts {
        let nothing = ContractSchema::default();
        let theirs = server.contracts.get(name).unwrap_or(&nothing);
        for (method, ours) in &ours.methods {
            let breach = |(place, reason)| Breach {
                contract: name.clone(),
                method: method.clone(),
                place,
                reason,
            };
            match theirs.methods.get(method) {
                Some(theirs) => found.extend(of_method(client, ours, server, theirs).map(breach)),
                None => found.push(breach((
                    "method".to_owned(),
                    "the server does not have it".to_owned(),
                ))),
            }
        }
    }
    found
}

fn of_method(
    client: &GroupContract,
    ours: &MethodSchema,
    server: &GroupContract,
    theirs: &MethodSchema,
) -> impl Iterator<Item = (String, String)> {
    let mut found = Vec::new();
    if ours.mode != theirs.mode {
        let reason = format!(
            "the client calls it as '{}', and the server declares '{}'",
            ours.mode.as_str(),
            theirs.mode.as_str()
        );
        found.push(("mode".to_owned(), reason));
    }
    if ours.stream != theirs.stream {
        let words = |stream: bool| if stream { "a stream" } else { "one answer" };
        let reason = format!(
            "the client expects {}, and the server sends {}",
            words(ours.stream),
            words(theirs.stream)
        );
        found.push(("answer".to_owned(), reason));
    }
    let client = Side {
        name: "the client",
        schemas: &client.schemas,
    };
    let server = Side {
        name: "the server",
        schemas: &server.schemas,
    };
    let mut asked = Cover::new(server, client);
    let mut answered = Cover::new(client, server);
    let gaps = [
        asked.gaps(&theirs.arguments, &ours.arguments, "arguments"),
        answered.gaps(&ours.answer, &theirs.answer, "answer"),
        answered.gaps(&ours.error, &theirs.error, "error"),
    ];
    found.extend(gaps.into_iter().flatten().map(|gap| (gap.place, gap.reason)));
    found.into_iter()
}
