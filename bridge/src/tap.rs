//! The store wrapper that counts, slows and breaks store calls. Lance installs it through
//! `ObjectStoreParams::object_store_wrapper`, so tables and small objects pass the same tap.
//!
//! Not seen here: reads and writes of data files on plain `file:` addresses, which Lance does with the file
//! system directly (open the session with `through_store` to measure), and Parquet files, which DataFusion
//! reads with an object_store of another major version.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use lance_io::object_store::WrappingObjectStore;
use object_store::list::{PaginatedListOptions, PaginatedListResult, PaginatedListStore};
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt,
    PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result, UploadPart,
};

use crate::clock::Clock;
use crate::fault::{Failure, Faults};
use crate::fence;
use crate::meter::{Class, TAG, Tag, Verb};

/// Entries of one list request on the object stores we know.
const LIST_PAGE: u64 = 1000;
/// Deletes prepared at once before the store takes them over.
const DELETES_AHEAD: usize = 10;

/// What all sessions of an environment share.
#[derive(Default)]
pub struct Plant {
    pub clock: Option<Clock>,
    pub faults: Faults,
}

impl Plant {
    pub fn now(&self) -> u64 {
        self.clock.as_ref().map_or(0, Clock::now)
    }

    async fn pause(&self, ms: u64) {
        match &self.clock {
            Some(clock) => clock.sleep(ms).await,
            None => tokio::time::sleep(std::time::Duration::from_millis(ms)).await,
        }
    }
}

/// The tap of one session.
pub struct Tap {
    plant: Arc<Plant>,
    active: Mutex<Vec<Arc<Tag>>>,
}

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tap")
    }
}

/// Keeps a tag registered on some taps.
pub struct Active {
    tag: Arc<Tag>,
    taps: Vec<Arc<Tap>>,
}

impl Active {
    pub fn register(tag: &Arc<Tag>, taps: &[Arc<Tap>]) -> Self {
        if tag.meter.is_none() {
            return Self { tag: tag.clone(), taps: Vec::new() };
        }
        for tap in taps {
            tap.tags().push(tag.clone());
        }
        Self { tag: tag.clone(), taps: taps.to_vec() }
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        for tap in &self.taps {
            let mut tags = tap.tags();
            if let Some(at) = tags.iter().position(|t| Arc::ptr_eq(t, &self.tag)) {
                tags.remove(at);
            }
        }
    }
}

impl Tap {
    pub fn new(plant: Arc<Plant>) -> Self {
        Self { plant, active: Mutex::default() }
    }

    fn tags(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Tag>>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whom a call of a spawned task is charged to: each meter once, under the phase that joined last.
    fn charged(&self) -> Vec<Arc<Tag>> {
        let mut out: Vec<Arc<Tag>> = Vec::new();
        for tag in self.tags().iter().rev() {
            let same = |other: &Arc<Tag>| match (&other.meter, &tag.meter) {
                (Some(a), Some(b)) => Arc::ptr_eq(a, b),
                _ => false,
            };
            if !out.iter().any(same) {
                out.push(tag.clone());
            }
        }
        out
    }

    /// Counts one call and lets it suffer what the script says.
    async fn enter(&self, verb: Verb, path: &str) -> Result<Passage> {
        let class = Class::of(path);
        let passage = self.count(verb, class);
        let verdict = self.plant.faults.verdict(verb, class);
        if verdict.abort_before {
            std::process::abort();
        }
        if let Some(script) = verdict.freeze {
            self.plant.faults.thaw(script).await;
        }
        if verdict.delay_ms > 0 {
            self.plant.pause(verdict.delay_ms).await;
        }
        if let Some(clock) = &self.plant.clock {
            clock.sleep(1).await;
        }
        if let Some(failure) = verdict.fail {
            passage.tags.iter().for_each(|t| t.failed());
            return Err(failure.into_error(path));
        }
        Ok(Passage { lose: verdict.lose_answer, abort_after: verdict.abort_after, ..passage })
    }

    fn count(&self, verb: Verb, class: Class) -> Passage {
        let tags = TAG.try_with(|tag| vec![tag.clone()]).unwrap_or_else(|_| self.charged());
        tags.iter().for_each(|t| t.count(verb, class));
        Passage { tags, lose: None, abort_after: false }
    }
}

/// One counted call on its way through the tap.
struct Passage {
    tags: Vec<Arc<Tag>>,
    lose: Option<Failure>,
    abort_after: bool,
}

impl Passage {
    fn leave<T>(&self, path: &str, result: Result<T>) -> Result<T> {
        if self.abort_after {
            std::process::abort();
        }
        if let Err(error) = &result {
            if is_failure(error) {
                self.tags.iter().for_each(|t| t.failed());
            }
            return result;
        }
        match self.lose {
            Some(failure) => {
                self.tags.iter().for_each(|t| t.failed());
                Err(failure.into_error(path))
            }
            None => result,
        }
    }

    fn wrote(&self, path: &Path, bytes: u64) {
        for tag in &self.tags {
            tag.wrote(bytes);
            tag.written().insert(path.to_string(), bytes);
        }
    }
}

/// "Not there" and "already there" are answers, not failures.
fn is_failure(error: &object_store::Error) -> bool {
    use object_store::Error as E;
    !matches!(
        error,
        E::NotFound { .. } | E::AlreadyExists { .. } | E::Precondition { .. } | E::NotModified { .. }
    )
}

/// The wrapper that Lance sees; its identity is part of the key under which Lance caches stores.
#[derive(Debug)]
pub struct Wrapper(pub Arc<Tap>);

impl WrappingObjectStore for Wrapper {
    fn wrap(&self, _prefix: &str, original: Arc<dyn ObjectStore>) -> Arc<dyn ObjectStore> {
        Arc::new(TappedStore { tap: self.0.clone(), inner: original })
    }

    fn wrap_paginated(
        &self,
        _prefix: &str,
        original: Arc<dyn PaginatedListStore>,
    ) -> Option<Arc<dyn PaginatedListStore>> {
        Some(Arc::new(TappedLister { tap: self.0.clone(), inner: original }))
    }
}

struct TappedLister {
    tap: Arc<Tap>,
    inner: Arc<dyn PaginatedListStore>,
}

#[async_trait]
impl PaginatedListStore for TappedLister {
    async fn list_paginated(
        &self,
        prefix: Option<&str>,
        opts: PaginatedListOptions,
    ) -> Result<PaginatedListResult> {
        let path = prefix.unwrap_or_default();
        let passage = self.tap.enter(Verb::List, path).await?;
        passage.leave(path, self.inner.list_paginated(prefix, opts).await)
    }
}

#[derive(Debug)]
struct TappedStore {
    tap: Arc<Tap>,
    inner: Arc<dyn ObjectStore>,
}

impl fmt::Display for TappedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tapped({})", self.inner)
    }
}

impl TappedStore {
    /// A list is one call per page; its first page is entered when the stream is first polled.
    fn tapped_list(
        &self,
        prefix: Option<&Path>,
        items: BoxStream<'static, Result<ObjectMeta>>,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        let tap = self.tap.clone();
        let path = prefix.map(Path::to_string).unwrap_or_default();
        let first = {
            let (tap, path) = (tap.clone(), path.clone());
            stream::once(async move {
                let passage = tap.enter(Verb::List, &path).await?;
                passage.leave(&path, Ok(()))
            })
        };
        let mut seen = 0_u64;
        first
            .flat_map(move |entered| match entered {
                Err(error) => stream::once(async move { Err(error) }).boxed(),
                Ok(()) => stream::empty().boxed(),
            })
            .chain(items.inspect(move |_| {
                seen += 1;
                if seen % LIST_PAGE == 0 {
                    tap.count(Verb::List, Class::of(&path));
                }
            }))
            .boxed()
    }
}

/// Up to this size Lance repeats a transaction in the manifest (20 MiB): nobody needs its own file.
const REPEATED_MAX: usize = 16 << 20;

fn is_repeated(path: &Path, payload: &PutPayload) -> bool {
    path.as_ref().contains("/_transactions/") && payload.content_length() <= REPEATED_MAX
}

async fn put(
    tap: Arc<Tap>,
    inner: Arc<dyn ObjectStore>,
    verb: Verb,
    path: Path,
    payload: PutPayload,
    opts: PutOptions,
) -> Result<PutResult> {
    let bytes = payload.content_length() as u64;
    let passage = tap.enter(verb, path.as_ref()).await?;
    let result = inner.put_opts(&path, payload, opts).await;
    if result.is_ok() {
        passage.wrote(&path, bytes);
    }
    passage.leave(path.as_ref(), result)
}

#[async_trait]
impl ObjectStore for TappedStore {
    async fn put_opts(&self, path: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        let verb = match &opts.mode {
            PutMode::Overwrite => Verb::Put,
            PutMode::Create => Verb::PutIfAbsent,
            PutMode::Update(_) => Verb::PutIfMatch,
        };
        let is_repeated = verb == Verb::Put && is_repeated(path, &payload);
        let put = put(self.tap.clone(), self.inner.clone(), verb, path.clone(), payload, opts);
        if is_repeated
            && let (Some(beside), Ok(tag)) = (fence::beside(), TAG.try_with(Arc::clone))
        {
            beside.spawn(TAG.scope(tag, async { put.await.map(drop) }));
            return Ok(PutResult { e_tag: None, version: None, extensions: Default::default() });
        }
        put.await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let passage = self.tap.enter(Verb::Begin, path.as_ref()).await?;
        let inner = self.inner.put_multipart_opts(path, opts).await;
        let inner = passage.leave(path.as_ref(), inner)?;
        Ok(Box::new(TappedUpload { tap: self.tap.clone(), path: path.clone(), inner, bytes: 0 }))
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        let verb = match (options.head, &options.range) {
            (true, _) => Verb::Head,
            (false, Some(_)) => Verb::Range,
            (false, None) => Verb::Get,
        };
        let passage = self.tap.enter(verb, path.as_ref()).await?;
        let result = self.inner.get_opts(path, options).await;
        if let (Ok(got), false) = (&result, verb == Verb::Head) {
            passage.tags.iter().for_each(|t| t.read(got.range.end - got.range.start));
        }
        passage.leave(path.as_ref(), result)
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let (tap, inner) = (self.tap.clone(), self.inner.clone());
        let beside = fence::beside();
        // Entered path by path, but handed on as one stream: stores that delete in bulk keep doing so.
        let entered = locations
            .map(move |location| {
                let (tap, inner, beside) = (tap.clone(), inner.clone(), beside.clone());
                async move {
                    let location = location?;
                    // A commit that failed takes back what it put beside: not before it is there.
                    if let Some(beside) = beside {
                        let _ = beside.join().await;
                    }
                    let passage = tap.enter(Verb::Delete, location.as_ref()).await?;
                    if passage.lose.is_some() || passage.abort_after {
                        let done = inner.delete(&location).await;
                        passage.leave(location.as_ref(), done)?;
                    }
                    Ok(location)
                }
            })
            .buffered(DELETES_AHEAD);
        self.inner.delete_stream(entered.boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.tapped_list(prefix, self.inner.list(prefix))
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.tapped_list(prefix, self.inner.list_with_offset(prefix, offset))
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let path = prefix.map(Path::to_string).unwrap_or_default();
        let passage = self.tap.enter(Verb::List, &path).await?;
        let result = self.inner.list_with_delimiter(prefix).await;
        if let Ok(listed) = &result {
            let pages = (listed.objects.len() + listed.common_prefixes.len()) as u64 / LIST_PAGE;
            (0..pages).for_each(|_| drop(self.tap.count(Verb::List, Class::of(&path))));
        }
        passage.leave(&path, result)
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let passage = self.tap.enter(Verb::Copy, to.as_ref()).await?;
        passage.leave(to.as_ref(), self.inner.copy_opts(from, to, options).await)
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        let passage = self.tap.enter(Verb::Rename, to.as_ref()).await?;
        passage.leave(to.as_ref(), self.inner.rename_opts(from, to, options).await)
    }
}

#[derive(Debug)]
struct TappedUpload {
    tap: Arc<Tap>,
    path: Path,
    inner: Box<dyn MultipartUpload>,
    bytes: u64,
}

#[async_trait]
impl MultipartUpload for TappedUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let bytes = data.content_length() as u64;
        self.bytes += bytes;
        let part = self.inner.put_part(data);
        let (tap, path) = (self.tap.clone(), self.path.clone());
        Box::pin(async move {
            let passage = tap.enter(Verb::Part, path.as_ref()).await?;
            let result = part.await;
            if result.is_ok() {
                passage.tags.iter().for_each(|t| t.wrote(bytes));
            }
            passage.leave(path.as_ref(), result)
        })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let passage = self.tap.enter(Verb::Complete, self.path.as_ref()).await?;
        let result = self.inner.complete().await;
        if result.is_ok() {
            for tag in &passage.tags {
                tag.written().insert(self.path.to_string(), self.bytes);
            }
        }
        passage.leave(self.path.as_ref(), result)
    }

    async fn abort(&mut self) -> Result<()> {
        let passage = self.tap.enter(Verb::Abort, self.path.as_ref()).await?;
        passage.leave(self.path.as_ref(), self.inner.abort().await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ffi::Call;
    use crate::meter::Meter;

    struct OnePage;

    #[async_trait]
    impl PaginatedListStore for OnePage {
        async fn list_paginated(
            &self,
            _prefix: Option<&str>,
            _opts: PaginatedListOptions,
        ) -> Result<PaginatedListResult> {
            let result = ListResult {
                objects: Vec::new(),
                common_prefixes: Vec::new(),
                extensions: Default::default(),
            };
            Ok(PaginatedListResult { result, page_token: None })
        }
    }

    /// The second seam of `WrappingObjectStore`: a pushed-down listing never reaches `wrap`, so it is counted,
    /// and broken by scripts, here. No local store has one; object stores in the cloud do.
    #[test]
    fn pushed_down_listings_pass_the_tap() {
        let tap = Arc::new(Tap::new(Arc::new(Plant::default())));
        let lister = Wrapper(tap.clone()).wrap_paginated("", Arc::new(OnePage)).expect("kept");
        let meter = Arc::new(Meter::default());
        let tag = Arc::new(Tag::new(&Call { meter: Some(meter.clone()), ..Call::default() }));
        let list = || lister.list_paginated(Some("w/t/_versions"), PaginatedListOptions::default());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(TAG.scope(tag, async {
            assert!(list().await.is_ok());
            tap.plant.faults.install(r#"[{"verb":"list","action":"fail"}]"#).expect("a script");
            assert!(list().await.is_err());
        }));
        let read = meter.to_json();
        assert_eq!(read["calls"]["list/table-manifest@other"], 2);
        assert_eq!(read["failures"], 1);
    }
}
