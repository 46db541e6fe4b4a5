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

/// Makes files durable, then the folders that name them, then those above as far as this session has not yet seen
/// the name of the folder below made durable.
pub async fn sync_files(session: &Session, files: Vec<PathBuf>) -> R<()> {
    let folders = folders_of(&files);
    let (above, named) = unnamed_above(session, &folders);
    sync(session, files.into_iter().chain(folders.union(&above).cloned()).collect(), named).await
}

/// The same for files that a durable put of this session wrote: only folders above may be left to do.
pub async fn sync_put(session: &Session, files: Vec<PathBuf>) -> R<()> {
    if !session.durable_puts {
        return sync_files(session, files).await;
    }
    let (above, named) = unnamed_above(session, &folders_of(&files));
    if above.is_empty() {
        return Ok(());
    }
    sync(session, above.into_iter().collect(), named).await
}

fn folders_of(files: &[PathBuf]) -> BTreeSet<PathBuf> {
    files.iter().filter_map(|f| f.parent()).map(Path::to_path_buf).collect()
}

async fn sync(session: &Session, targets: Vec<PathBuf>, named: BTreeSet<PathBuf>) -> R<()> {
    let count = targets.len() as u64;
    tokio::task::spawn_blocking(move || targets.iter().try_for_each(|path| sync_one(path)))
        .await
        .map_err(|e| BridgeError::new(Code::Internal, format!("the fsync task ended early: {e}")))??;
    session.durable_dirs.lock().unwrap_or_else(PoisonError::into_inner).extend(named);
    let _ = TAG.try_with(|tag| tag.synced(count));
    Ok(())
}

/// The folders to sync so that the given ones are found again: each holds the name of one below it that is not
/// known to be durable. And those below, which are then. A folder that was synced may hold new names since.
fn unnamed_above(session: &Session, folders: &BTreeSet<PathBuf>) -> (BTreeSet<PathBuf>, BTreeSet<PathBuf>) {
    let known = session.durable_dirs.lock().unwrap_or_else(PoisonError::into_inner);
    let (mut above, mut named) = (BTreeSet::new(), BTreeSet::new());
    for folder in folders {
        let line = folder.ancestors().zip(folder.ancestors().skip(1)).take(LEVELS_ABOVE);
        for (below, holder) in line.take_while(|(below, _)| !known.contains(*below)) {
            if !holder.as_os_str().is_empty() {
                above.insert(holder.to_path_buf());
            }
            named.insert(below.to_path_buf());
        }
    }
    (above, named)
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
