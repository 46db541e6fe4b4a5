//! The commit handler of every dataset handle: it lets a manifest through only where a permit says so.
//!
//! 1. Without a permit nothing commits. A permit is a task-local of the commit call, so an operation of Lance
//!    that commits on its own (a metadata repair, say) is refused instead of landing behind Tarn's back.
//! 2. An exact permit admits one version. When it does not vouch for the expected version, newer versions are
//!    refused while listing, before a transaction file is written: a refused writer must not touch a file that
//!    the winner may name (both are called `{read version}-{uuid}.txn` when one transaction is redone).
//! 3. The put of a transaction's own file runs beside that of the manifest, which holds the transaction too. A permit
//!    waits for it: no commit is over before both are done.
//! 4. Everything else is forwarded unchanged, also what decides how Lance recovers from an unclear answer.

use std::future::Future;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures::stream::{self, BoxStream};
use futures::{StreamExt, TryStreamExt};
use lance_core::{Error, Result};
use lance_io::object_store::ObjectStore;
use lance_table::format::{IndexMetadata, Manifest, Transaction};
use lance_table::io::commit::{
    CommitError, CommitHandler, ManifestLocation, ManifestNamingScheme, ManifestWriter, PredecessorIdentity,
};
use object_store::path::Path;
use tokio::task::JoinHandle;

use crate::error::{BridgeError, Code, R};

/// What the running commit may do.
#[derive(Debug, Clone)]
pub struct Permit {
    allowed: RangeInclusive<u64>,
    /// The caller vouches that the version before the allowed ones is the newest: nothing is listed.
    trust: bool,
    beside: Arc<Beside>,
}

/// Puts that run beside the rest of a commit.
#[derive(Debug, Default)]
pub struct Beside(Mutex<Vec<JoinHandle<object_store::Result<()>>>>);

impl Beside {
    pub fn spawn(&self, put: impl Future<Output = object_store::Result<()>> + Send + 'static) {
        let task = tokio::spawn(put);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(task);
    }

    /// Waits for all of them.
    pub async fn join(&self) -> R<()> {
        let tasks = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut outcome = Ok(());
        for task in tasks {
            let done = task
                .await
                .map_err(|e| BridgeError::new(Code::Internal, format!("a put ended early: {e}")))
                .and_then(|put| put.map_err(BridgeError::from));
            outcome = outcome.and(done);
        }
        outcome
    }
}

impl Permit {
    pub fn exact(expected: u64, trust: bool) -> Self {
        Self { allowed: expected + 1..=expected + 1, trust, beside: Arc::default() }
    }

    /// For a branch's first manifest, which takes the version it was forked from.
    pub fn fork(version: u64) -> Self {
        Self { allowed: version..=version, trust: false, beside: Arc::default() }
    }

    /// Runs a commit under this permit, to the end of all that it does. The second answer is of what ran beside it.
    pub async fn run<F: Future>(self, commit: F) -> (F::Output, R<()>) {
        let beside = self.beside.clone();
        let done = PERMIT.scope(self, commit).await;
        (done, beside.join().await)
    }

    fn expected(&self) -> u64 {
        self.allowed.start().saturating_sub(1)
    }
}

tokio::task_local! {
    static PERMIT: Permit;
}

/// Where a put of the running commit may run beside the rest of it.
pub fn beside() -> Option<Arc<Beside>> {
    PERMIT.try_with(|permit| permit.beside.clone()).ok()
}

fn permit() -> Option<Permit> {
    PERMIT.try_with(Clone::clone).ok()
}

fn refusal(version: u64, permit: Option<&Permit>) -> Error {
    match permit {
        Some(p) => Error::prerequisite_failed(format!(
            "version {version} is outside of what this commit may write, {}..={}",
            p.allowed.start(),
            p.allowed.end()
        )),
        None => Error::prerequisite_failed(format!("version {version} would be committed without a fence")),
    }
}

#[derive(Debug)]
pub struct FenceCommitHandler {
    inner: Arc<dyn CommitHandler>,
}

impl FenceCommitHandler {
    pub fn new(inner: Arc<dyn CommitHandler>) -> Self {
        Self { inner }
    }

    fn admit(version: u64) -> std::result::Result<(), CommitError> {
        let permit = permit();
        if permit.as_ref().is_some_and(|p| p.allowed.contains(&version)) {
            return Ok(());
        }
        Err(CommitError::OtherError(refusal(version, permit.as_ref())))
    }
}

#[async_trait]
impl CommitHandler for FenceCommitHandler {
    fn is_version_not_found_definitive(&self) -> bool {
        self.inner.is_version_not_found_definitive()
    }

    fn propagate_commit_error_after_success(&self) -> bool {
        self.inner.propagate_commit_error_after_success()
    }

    async fn resolve_latest_location(&self, base: &Path, store: &ObjectStore) -> Result<ManifestLocation> {
        if let Some(p) = permit()
            && p.trust
            && p.expected() == 0
        {
            return Err(Error::not_found(base.to_string()));
        }
        self.inner.resolve_latest_location(base, store).await
    }

    async fn resolve_version_location(
        &self,
        base: &Path,
        version: u64,
        store: &dyn object_store::ObjectStore,
    ) -> Result<ManifestLocation> {
        self.inner.resolve_version_location(base, version, store).await
    }

    async fn version_exists(
        &self,
        base: &Path,
        version: u64,
        store: &dyn object_store::ObjectStore,
        naming: ManifestNamingScheme,
    ) -> Result<bool> {
        self.inner.version_exists(base, version, store, naming).await
    }

    fn list_detached_manifest_locations<'a>(
        &self,
        base: &Path,
        store: &'a ObjectStore,
    ) -> BoxStream<'a, Result<ManifestLocation>> {
        self.inner.list_detached_manifest_locations(base, store)
    }

    fn list_manifest_locations<'a>(
        &self,
        base: &Path,
        store: &'a ObjectStore,
        sorted_descending: bool,
    ) -> BoxStream<'a, Result<ManifestLocation>> {
        self.inner.list_manifest_locations(base, store, sorted_descending)
    }

    fn list_manifest_locations_since<'a>(
        &self,
        base: &Path,
        store: &'a ObjectStore,
        since: u64,
    ) -> BoxStream<'a, Result<ManifestLocation>> {
        let Some(p) = permit() else {
            return self.inner.list_manifest_locations_since(base, store, since);
        };
        if p.trust && since >= p.expected() {
            return stream::empty().boxed();
        }
        self.inner
            .list_manifest_locations_since(base, store, since)
            .and_then(move |location| {
                let newer = location.version > p.expected();
                let refused = newer.then(|| refusal(location.version + 1, Some(&p)));
                futures::future::ready(refused.map_or(Ok(location), Err))
            })
            .boxed()
    }

    async fn commit(
        &self,
        manifest: &mut Manifest,
        indices: Option<Vec<IndexMetadata>>,
        base: &Path,
        store: &ObjectStore,
        writer: ManifestWriter,
        naming: ManifestNamingScheme,
        transaction: Option<Transaction>,
    ) -> std::result::Result<ManifestLocation, CommitError> {
        Self::admit(manifest.version)?;
        self.inner.commit(manifest, indices, base, store, writer, naming, transaction).await
    }

    fn supports_predecessor_condition(&self) -> bool {
        self.inner.supports_predecessor_condition()
    }

    async fn resolve_latest_identity(
        &self,
        base: &Path,
        store: &ObjectStore,
    ) -> Result<Option<PredecessorIdentity>> {
        self.inner.resolve_latest_identity(base, store).await
    }

    async fn resolve_identity(
        &self,
        base: &Path,
        store: &ObjectStore,
        version: u64,
    ) -> Result<Option<PredecessorIdentity>> {
        self.inner.resolve_identity(base, store, version).await
    }

    async fn commit_after(
        &self,
        manifest: &mut Manifest,
        indices: Option<Vec<IndexMetadata>>,
        base: &Path,
        store: &ObjectStore,
        writer: ManifestWriter,
        naming: ManifestNamingScheme,
        transaction: Option<Transaction>,
        predecessor: &PredecessorIdentity,
    ) -> std::result::Result<ManifestLocation, CommitError> {
        Self::admit(manifest.version)?;
        self.inner
            .commit_after(manifest, indices, base, store, writer, naming, transaction, predecessor)
            .await
    }

    async fn forget_version(&self, base: &Path, version: u64, identity: &str) -> Result<()> {
        self.inner.forget_version(base, version, identity).await
    }

    async fn delete(&self, base: &Path) -> Result<()> {
        self.inner.delete(base).await
    }
}
