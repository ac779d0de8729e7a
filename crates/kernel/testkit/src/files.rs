use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// Every file below a directory with what it holds. A file that goes away meanwhile, as journals of databases do, is
/// left out.
pub fn files_below(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
            continue;
        }
        match std::fs::read(&path) {
            Ok(bytes) => found.push((path, bytes)),
            Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{}: {error}", path.display()),
        }
    }
    found
}
