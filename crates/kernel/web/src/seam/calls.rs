use crate::ShellError;
use bytes::Bytes;
use rpc::Dispatch;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, LazyLock},
};

/// The contract document of a group, written once it is asked for.
pub type ContractDocument = LazyLock<Bytes, Box<dyn FnOnce() -> Bytes + Send>>;

/// The contracts that this process answers.
pub(crate) struct Calls {
    contracts: HashMap<String, Arc<dyn Dispatch>>,
    documents: HashMap<String, ContractDocument>,
}

impl Calls {
    /// Refuses two that answer the same contract, and two documents of one group.
    pub(crate) fn new(
        calls: Vec<Arc<dyn Dispatch>>,
        documents: Vec<(String, ContractDocument)>,
    ) -> Result<Self, ShellError> {
        let mut taken = HashSet::new();
        let names = calls.iter().map(|call| call.contract());
        for name in names.chain(documents.iter().map(|(group, _)| group.as_str())) {
            if !taken.insert(name) {
                return Err(ShellError::ContractTaken {
                    contract: name.to_owned(),
                });
            }
        }
        Ok(Self {
            contracts: calls
                .iter()
                .map(|call| (call.contract().to_owned(), call.clone()))
                .collect(),
            documents: documents.into_iter().collect(),
        })
    }

    /// What answers the contract `<group>.<part>`.
    pub(crate) fn find(&self, group: &str, part: &str) -> Option<&Arc<dyn Dispatch>> {
        self.contracts.get(&format!("{group}.{part}"))
    }

    /// The contract document of a group.
    pub(crate) fn document(&self, group: &str) -> Option<&Bytes> {
        self.documents.get(group).map(|document| &**document)
    }
}
