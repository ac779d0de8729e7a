use rpc::schema::committed;

#[test]
fn the_committed_contract_is_the_one_that_the_code_makes() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/contract.json");
    committed::check(file, &wealth_contract::contract()).unwrap_or_else(|error| panic!("{error}"));
}
