//! Reads the model from this repository: `cargo metadata` and `git ls-files`.

use crate::model::{Dependency, File, Member, Need, Resolved, Workspace};
use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// The workspace that this test belongs to, read once.
pub(crate) fn workspace() -> &'static Workspace {
    static WORKSPACE: OnceLock<Workspace> = OnceLock::new();
    WORKSPACE.get_or_init(|| {
        let metadata = metadata();
        Workspace {
            members: members(&metadata),
            resolved: resolved(&metadata),
            files: files(),
        }
    })
}

/// The top folder of the repository.
pub(crate) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("crates/platform lies two folders deep")
        .to_owned()
}

/// What git tracks, or would track: so that a new file is checked before it is added.
pub(crate) fn tracked(untracked_too: bool) -> Vec<String> {
    let mut git = Command::new("git");
    git.current_dir(top()).args(["ls-files", "-z", "--cached"]);
    if untracked_too {
        git.args(["--others", "--exclude-standard"]);
    }
    let output = git.output().expect("git must be installed to check the house");
    assert!(
        output.status.success(),
        "`git ls-files` failed: run the tests in a clone of the repository"
    );
    String::from_utf8(output.stdout)
        .expect("file names are UTF-8")
        .split_terminator('\0')
        .map(str::to_owned)
        .collect()
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(top().join("Cargo.toml"))
        .features(CargoOpt::AllFeatures)
        .other_options(["--locked".to_owned()])
        .exec()
        .expect("`cargo metadata --locked --all-features` must work: is Cargo.lock up to date?")
}

fn members(metadata: &Metadata) -> Vec<Member> {
    metadata
        .workspace_packages()
        .into_iter()
        .map(|package| {
            let folder = package
                .manifest_path
                .parent()
                .expect("a manifest lies in a folder");
            Member {
                name: package.name.to_string(),
                folder: folder
                    .strip_prefix(&metadata.workspace_root)
                    .expect("members lie in the workspace")
                    .to_string(),
                dependencies: package
                    .dependencies
                    .iter()
                    .map(|dependency| Dependency {
                        name: dependency.name.clone(),
                        need: match dependency.kind {
                            DependencyKind::Development => Need::Dev,
                            DependencyKind::Build => Need::Build,
                            _ => Need::Normal,
                        },
                    })
                    .collect(),
                manifest: fs::read_to_string(&package.manifest_path).expect("a manifest can be read"),
            }
        })
        .collect()
}

fn resolved(metadata: &Metadata) -> Vec<Resolved> {
    metadata
        .packages
        .iter()
        .map(|package| Resolved {
            name: package.name.to_string(),
            version: package.version.to_string(),
            licence: package.license.clone(),
            source: package.source.as_ref().map(|source| source.repr.clone()),
        })
        .collect()
}

fn files() -> Vec<File> {
    tracked(true)
        .into_iter()
        .filter_map(|path| {
            // Binary files and files deleted but not yet committed have no text.
            let text = fs::read_to_string(top().join(&path)).ok()?;
            Some(File { path, text })
        })
        .collect()
}
