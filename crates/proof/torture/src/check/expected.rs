use super::{
    Figures,
    ledger::{Found, Ledger},
};
use crate::load::{Entry, Posting, What};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Compares what a client wrote down with what there is.
pub(crate) fn compare(entries: &[Entry], ledger: &Ledger, figures: &mut Figures) {
    let mut found: HashMap<&str, Vec<&Found>> = HashMap::new();
    for transaction in &ledger.transactions {
        found.entry(&transaction.key).or_default().push(transaction);
    }
    let mut asked: HashSet<&str> = HashSet::new();
    for entry in entries {
        let done = entry.acknowledged().is_some();
        // What was answered with a refusal must not be there.
        let refused = !done && !entry.answers.is_empty();
        for posting in entry.request.postings() {
            let known = found
                .get(posting.key.as_str())
                .map(Vec::as_slice)
                .unwrap_or_default();
            if !refused {
                asked.insert(&posting.key);
            }
            one_posting(posting, done, known, figures);
        }
        one_answer(entry, &found, figures);
    }
    for key in found.keys().filter(|key| !asked.contains(*key)) {
        figures.phantom.push(format!(
            "{key} was posted: nobody asked for it, or it was refused"
        ));
    }
    renames(entries, ledger, figures);
}

fn one_posting(posting: &Posting, done: bool, found: &[&Found], figures: &mut Figures) {
    let key = &posting.key;
    match found {
        [] if done => figures
            .acknowledged_lost
            .push(format!("{key} was acknowledged and is not there")),
        [] => {}
        [one] if one.amount == posting.amount && one.account == posting.account => {}
        [one] => {
            let story = format!(
                "{key} is {} on {} and was to be {} on {}",
                one.amount, one.account, posting.amount, posting.account
            );
            match done {
                true => figures.acknowledged_lost.push(story),
                false => figures.phantom.push(story),
            }
        }
        many => figures
            .double_posted
            .push(format!("{key} was posted {} times", many.len())),
    }
}

/// The transaction that was told must be the one that is there.
fn one_answer(entry: &Entry, found: &HashMap<&str, Vec<&Found>>, figures: &mut Figures) {
    let (What::Post(posting), Some((_, body))) = (&entry.request.what, entry.acknowledged()) else {
        return;
    };
    let told: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let told = told["transaction_id"].as_str().unwrap_or_default();
    let there = found
        .get(posting.key.as_str())
        .map(Vec::as_slice)
        .unwrap_or_default();
    if !there.is_empty() && there.iter().all(|transaction| transaction.id != told) {
        figures.acknowledged_lost.push(format!(
            "{} was acknowledged as {told}, which is not there",
            posting.key
        ));
    }
}

/// A version of an account can be taken once. Whoever was told to have it must be there, or have been followed.
fn renames(entries: &[Entry], ledger: &Ledger, figures: &mut Figures) {
    let mut taken: BTreeMap<(&str, u64), Vec<&str>> = BTreeMap::new();
    for entry in entries {
        if let What::Rename {
            account,
            name,
            version,
        } = &entry.request.what
            && entry.acknowledged().is_some()
        {
            taken.entry((account, version + 1)).or_default().push(name);
        }
    }
    for ((account, version), names) in taken {
        if names.len() > 1 {
            figures.acknowledged_lost.push(format!(
                "version {version} of account {account} was acknowledged to {}: one overwrote the other",
                names.join(" and ")
            ));
        }
        let Some(now) = ledger.accounts.iter().find(|known| known.id == account) else {
            figures
                .acknowledged_lost
                .push(format!("account {account} is not there"));
            continue;
        };
        let lost = now.version < version || now.version == version && !names.contains(&now.name.as_str());
        if lost {
            figures.acknowledged_lost.push(format!(
                "account {account} was acknowledged as {} in version {version} and is {} in version {}",
                names.join(", "),
                now.name,
                now.version
            ));
        }
    }
}
