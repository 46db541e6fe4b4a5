//! Sessions: caches, storage options, the store registry, and what an address means.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::FutureExt;
use lance::session::Session as LanceSession;
use lance_io::object_store::providers::local::FileStoreProvider;
use lance_io::object_store::providers::memory::MemoryStoreProvider;
use lance_io::object_store::{
    ObjectStore, ObjectStoreParams, ObjectStoreProvider, ObjectStoreRegistry, StorageOptionsAccessor,
};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::env::Env;
use crate::error::{BridgeError, Code, R};
use crate::ffi::{Call, TlbBuf, TlbStr, borrow, guard, put, release, write_json};
use crate::tap::{Tap, Wrapper};

const INDEX_CACHE_BYTES: usize = 256 << 20;
const METADATA_CACHE_BYTES: usize = 128 << 20;
/// Schemes whose stores can create an object only if it is absent; Lance would commit unsafely on others.
const SCHEMES: [&str; 7] = ["file", "file-object-store", "memory", "shared-memory", "s3", "gs", "az"];

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct SessionConfig {
    index_cache_bytes: Option<usize>,
    metadata_cache_bytes: Option<usize>,
    storage_options: HashMap<String, String>,
    through_store: bool,
    durable_puts: bool,
}

/// Local files whose name appears once their bytes are durable, and whose put returns once the name is. Without
/// it a power cut may leave a manifest's name with nothing in it, for every reader to stumble over.
#[derive(Debug)]
struct DurableFiles;

#[async_trait]
impl ObjectStoreProvider for DurableFiles {
    async fn new_store(&self, base: Url, params: &ObjectStoreParams) -> lance::Result<ObjectStore> {
        let mut store = FileStoreProvider.new_store(base, params).await?;
        store.inner = Arc::new(LocalFileSystem::new().with_fsync(true));
        Ok(store)
    }

    fn extract_path(&self, url: &Url) -> lance::Result<Path> {
        FileStoreProvider.extract_path(url)
    }

    fn calculate_object_store_prefix(
        &self,
        url: &Url,
        options: Option<&HashMap<String, String>>,
    ) -> lance::Result<String> {
        FileStoreProvider.calculate_object_store_prefix(url, options)
    }
}

/// `memory://` for one session: every address of the session sees the same bytes.
#[derive(Debug)]
struct SessionMemory(Arc<InMemory>);

#[async_trait]
impl ObjectStoreProvider for SessionMemory {
    async fn new_store(&self, base: Url, params: &ObjectStoreParams) -> lance::Result<ObjectStore> {
        let mut store = MemoryStoreProvider.new_store(base, params).await?;
        store.inner = self.0.clone();
        Ok(store)
    }

    fn extract_path(&self, url: &Url) -> lance::Result<Path> {
        MemoryStoreProvider.extract_path(url)
    }

    fn calculate_object_store_prefix(
        &self,
        url: &Url,
        options: Option<&HashMap<String, String>>,
    ) -> lance::Result<String> {
        MemoryStoreProvider.calculate_object_store_prefix(url, options)
    }
}

pub struct Session {
    pub env: Arc<Env>,
    pub lance: Arc<LanceSession>,
    pub params: ObjectStoreParams,
    pub tap: Arc<Tap>,
    through_store: bool,
    /// Whatever goes through the store is durable by itself; data files of `file:` addresses do not.
    pub durable_puts: bool,
    /// Folders whose entry in their parent this session has made durable.
    pub durable_dirs: Mutex<HashSet<PathBuf>>,
}

impl Session {
    fn new(env: Arc<Env>, config: SessionConfig) -> Self {
        let registry = Arc::new(ObjectStoreRegistry::default());
        registry.insert("memory", Arc::new(SessionMemory(Arc::new(InMemory::new()))));
        if config.durable_puts {
            registry.insert("file", Arc::new(DurableFiles));
            registry.insert("file-object-store", Arc::new(DurableFiles));
        }
        let lance = LanceSession::new(
            config.index_cache_bytes.unwrap_or(INDEX_CACHE_BYTES),
            config.metadata_cache_bytes.unwrap_or(METADATA_CACHE_BYTES),
            registry,
        );
        let tap = Arc::new(Tap::new(env.plant.clone()));
        let accessor = (!config.storage_options.is_empty())
            .then(|| Arc::new(StorageOptionsAccessor::with_static_options(config.storage_options)));
        let params = ObjectStoreParams {
            object_store_wrapper: Some(Arc::new(Wrapper(tap.clone()))),
            storage_options_accessor: accessor,
            ..Default::default()
        };
        Self {
            env,
            lance: Arc::new(lance),
            params,
            tap,
            through_store: config.through_store,
            durable_puts: config.durable_puts,
            durable_dirs: Mutex::default(),
        }
    }

    pub fn taps(&self) -> [Arc<Tap>; 1] {
        [self.tap.clone()]
    }

    /// The address as Lance gets it: a URL of a scheme we trust, without a trailing slash.
    pub fn resolve(&self, uri: &str) -> R<String> {
        let mut uri = uri.trim_end_matches('/').to_string();
        if uri.is_empty() {
            return Err(BridgeError::invalid("the address is empty"));
        }
        if uri.starts_with('/') {
            let url = Url::from_file_path(&uri)
                .map_err(|()| BridgeError::invalid(format!("'{uri}' is not an absolute path")))?;
            uri = url.to_string();
        }
        let Some((scheme, rest)) = uri.split_once("://") else {
            return Err(BridgeError::invalid(format!("'{uri}' is neither an absolute path nor a URL")));
        };
        if !SCHEMES.contains(&scheme) {
            return Err(BridgeError::new(
                Code::Unsupported,
                format!("the scheme '{scheme}' is not supported"),
            ));
        }
        if rest.split('/').any(|segment| segment == "..") {
            return Err(BridgeError::invalid(format!("'{uri}' must not contain '..'")));
        }
        if scheme == "file" && self.through_store {
            return Ok(format!("file-object-store://{rest}"));
        }
        Ok(uri)
    }

    pub async fn open_store(&self, uri: &str) -> R<(Arc<ObjectStore>, Path)> {
        Ok(ObjectStore::from_uri_and_params(self.lance.store_registry(), uri, &self.params).await?)
    }
}

/// The folder behind a resolved address, if it is one of the local file system.
pub fn local_folder(uri: &str) -> R<Option<PathBuf>> {
    let Some(rest) = uri.strip_prefix("file-object-store://").or_else(|| uri.strip_prefix("file://")) else {
        return Ok(None);
    };
    let url = Url::parse(&format!("file://{rest}")).map_err(|e| BridgeError::invalid(e.to_string()))?;
    url.to_file_path().map(Some).map_err(|()| BridgeError::invalid(format!("'{uri}' is not a local path")))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_session_create(
    env: *mut Env,
    cfg: TlbStr,
    out: *mut *mut Session,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let env = borrow(env, "the environment")?;
        put(out, Session::new(env, cfg.json("the session's configuration")?))
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_session_stats(
    session: *mut Session,
    out: *mut TlbBuf,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let session = borrow(session, "the session")?;
        let work = async {
            let index = session.lance.index_cache_stats().await;
            let metadata = session.lance.metadata_cache_stats().await;
            let stores = session.lance.store_registry().stats();
            let cache = |c: &lance::cache::CacheStats| {
                let (entries, bytes) = (c.num_entries, c.size_bytes);
                json!({"hits": c.hits, "misses": c.misses, "entries": entries, "bytes": bytes})
            };
            Ok(json!({
                "index": cache(&index), "metadata": cache(&metadata), "bytes": session.lance.size_bytes(),
                "stores": {"hits": stores.hits, "misses": stores.misses, "active": stores.active_stores},
            }))
        };
        write_json(out, &session.env.run(&Call::default(), &[], work.boxed())?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_session_free(session: *mut Session) {
    unsafe { release(session) };
}
