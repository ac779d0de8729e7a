//! The served description.

use crate::{
    fixture::{settings, site},
    group::{Gate, mount},
};
use serde_json::Value;
use std::sync::Arc;
use web::{Mount, Shell, ShellError, ShellParts};

#[tokio::test]
async fn every_operation_documents_every_status_that_it_may_answer() {
    let site = site().await;
    let api: Value = site
        .get("/openapi.json")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(api["info"]["title"], "WealthOS API");
    let mut operations = 0;
    for item in api["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            operations += 1;
            for status in [
                "400", "401", "404", "405", "413", "415", "422", "429", "500", "503", "504",
            ] {
                assert!(operation["responses"].get(status).is_some(), "{operation}");
            }
        }
    }
    assert_eq!(operations, 20);
    assert_eq!(api["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    let error = &api["components"]["responses"]["NotFound"]["content"]["application/json"]["schema"]["$ref"];
    assert_eq!(error, "#/components/schemas/ErrorResponse");
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let site = site().await;
    let text = site
        .get("/openapi.json")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let api: Value = serde_json::from_str(&text).unwrap();
    for part in text.split("\"$ref\":\"#").skip(1) {
        let pointer = part.split('"').next().unwrap();
        assert!(api.pointer(pointer).is_some(), "{pointer}");
    }
}

/// The group, with a limit for an operation that it does not have.
static LIMITED: kernel::GroupInfo = kernel::GroupInfo {
    rates: &[("demo_unknown", kernel::RateClass::Read)],
    ..crate::group::INFO
};

fn shell(mounts: Vec<Mount>) -> Result<Shell, ShellError> {
    shell_with(mounts, Vec::new())
}

fn shell_with(mounts: Vec<Mount>, calls: Vec<Arc<dyn rpc::Dispatch>>) -> Result<Shell, ShellError> {
    let sources = kernel::Sources::system();
    let keys = Arc::new(trust::TokenKeys::new(&"secret".into(), &[]).unwrap());
    let clock = sources.clock().clone();
    let verifier = trust::TokenVerifier::new(keys, "i", "a", clock, Arc::default(), trust::OnStale::Accept);
    Shell::new(ShellParts {
        services: crate::fixture::services(&verifier),
        hops: Arc::new(crate::desk::hops(crate::desk::SECRET)),
        calls,
        contracts: Vec::new(),
        settings: settings(),
        verifier: Arc::new(verifier),
        registry: runtime::metrics::Registry::new(),
        mounts,
        sources,
        tasks: kernel::Tasks::new(),
        health: Arc::new(crate::fixture::Fakes {
            health: parking_lot::Mutex::new(web::Health {
                operational: true,
                details: Value::Null,
            }),
            ready: parking_lot::Mutex::default(),
        }),
        forward: Arc::default(),
    })
}

#[test]
fn mounts_that_contradict_each_other_are_refused() {
    let one = mount(Arc::new(Gate::default()));
    assert!(matches!(
        shell(vec![one.clone(), one.clone()]).err(),
        Some(ShellError::PathTaken { .. })
    ));
    let mut description = one.openapi().unwrap();
    for item in description.paths.paths.values_mut() {
        if let Some(operation) = &mut item.get {
            operation.operation_id = Some("get_thing".to_owned());
        }
    }
    let mut renamed = one.clone();
    renamed.describe = Arc::new(move || Ok(description.clone()));
    let message = shell(vec![renamed]).err().unwrap().to_string();
    assert!(message.contains("begin with 'demo_'"), "{message}");
    let mut limited = one.clone();
    limited.info = &LIMITED;
    let message = shell(vec![limited]).err().unwrap().to_string();
    assert!(message.contains("demo_unknown"), "{message}");
}

#[test]
fn a_contract_is_answered_once() {
    let desk = || -> Arc<dyn rpc::Dispatch> { Arc::new(crate::desk::Desk::default()) };
    let message = shell_with(Vec::new(), vec![desk(), desk()])
        .err()
        .unwrap()
        .to_string();
    assert!(message.contains(crate::desk::CONTRACT), "{message}");
}
