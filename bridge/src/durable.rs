//! fsync on local file systems. Nothing in Lance's or object_store's local path syncs, so a power cut can keep
//! a manifest and lose the file it names; these calls close that gap where the caller asks for it.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use crate::error::{BridgeError, Code, R};
use crate::meter::TAG;
use crate::session::Session;

/// Folders above a file's own that a first write may have created: dataset, tables, warehouse, its parent.
const LEVELS_ABOVE: usize = 4;

/// Makes files durable, then the folders that name them, then (once per session) the folders above.
pub async fn sync_files(session: &Session, files: Vec<PathBuf>) -> R<()> {
    let folders: BTreeSet<PathBuf> = files.iter().filter_map(|f| f.parent()).map(Path::to_path_buf).collect();
    let fresh = fresh_ancestors(session, &folders);
    let targets: Vec<PathBuf> = files.into_iter().chain(folders).chain(fresh.iter().cloned()).collect();
    let count = targets.len() as u64;
    tokio::task::spawn_blocking(move || targets.iter().try_for_each(|path| sync_one(path)))
        .await
        .map_err(|e| BridgeError::new(Code::Internal, format!("the fsync task ended early: {e}")))??;
    session.durable_dirs.lock().unwrap_or_else(PoisonError::into_inner).extend(fresh);
    let _ = TAG.try_with(|tag| tag.synced(count));
    Ok(())
}

/// Folders above the given ones whose own entries this session has not made durable yet.
fn fresh_ancestors(session: &Session, folders: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let known = session.durable_dirs.lock().unwrap_or_else(PoisonError::into_inner);
    folders
        .iter()
        .flat_map(|folder| folder.ancestors().skip(1).take(LEVELS_ABOVE))
        .filter(|folder| !folder.as_os_str().is_empty())
        .filter(|folder| !known.contains(*folder) && !folders.contains(*folder))
        .map(Path::to_path_buf)
        .collect()
}

fn sync_one(path: &Path) -> R<()> {
    File::open(path).and_then(|file| file.sync_all()).or_else(|error| {
        // A folder above the warehouse may be closed to us; it was not ours to create.
        if error.kind() == std::io::ErrorKind::PermissionDenied && path.is_dir() {
            return Ok(());
        }
        Err(BridgeError::new(Code::Io, format!("fsync of {} failed: {error}", path.display())))
    })
}
