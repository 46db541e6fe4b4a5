//! Fault scripts: what a store call suffers, chosen by verb, class and count. Test only.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use tokio::sync::watch;

use crate::error::{BridgeError, Code, R};
use crate::ffi::{TlbStr, borrow, guard};
use crate::meter::{Class, Verb};

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Action {
    Fail,
    Delay,
    LoseAnswer,
    Freeze,
    Abort,
}

#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    Io,
    Exists,
    Timeout,
}

fn any() -> String {
    "*".to_string()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    #[serde(default = "any")]
    verb: String,
    #[serde(default = "any")]
    class: String,
    /// Which matching call, from 1; 0 = each of them.
    #[serde(default)]
    nth: u64,
    action: Action,
    #[serde(default)]
    ms: u64,
    #[serde(default)]
    error: Kind,
    #[serde(default)]
    after: bool,
    #[serde(skip)]
    seen: AtomicU64,
}

impl Rule {
    fn applies(&self, verb: Verb, class: Class) -> bool {
        if !glob(&self.verb, verb.name()) || !glob(&self.class, class.name()) {
            return false;
        }
        let count = self.seen.fetch_add(1, Ordering::SeqCst) + 1;
        self.nth == 0 || count == self.nth
    }
}

/// A pattern with an optional trailing star.
fn glob(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |head| name.starts_with(head))
}

/// What one store call must do.
#[derive(Default, Clone)]
pub struct Verdict {
    pub delay_ms: u64,
    pub fail: Option<Failure>,
    pub lose_answer: Option<Failure>,
    /// The number of the script that froze the call; the next one thaws it.
    pub freeze: Option<u64>,
    pub abort_before: bool,
    pub abort_after: bool,
}

#[derive(Clone, Copy)]
pub struct Failure(Kind);

impl Failure {
    pub fn into_error(self, path: &str) -> object_store::Error {
        let source = |text: &str| -> Box<dyn std::error::Error + Send + Sync> { text.into() };
        match self.0 {
            Kind::Io => object_store::Error::Generic { store: "fault", source: source("injected failure") },
            Kind::Timeout => {
                object_store::Error::Generic { store: "fault", source: source("injected: timed out") }
            }
            Kind::Exists => object_store::Error::AlreadyExists {
                path: path.to_string(),
                source: source("injected: already exists"),
            },
        }
    }
}

/// The script of one environment.
pub struct Faults {
    rules: Mutex<(u64, Arc<Vec<Rule>>)>,
    script: watch::Sender<u64>,
}

impl Default for Faults {
    fn default() -> Self {
        Self { rules: Mutex::default(), script: watch::Sender::new(0) }
    }
}

impl Faults {
    pub fn install(&self, script: &str) -> R<()> {
        let rules: Vec<Rule> = match script {
            "" => Vec::new(),
            text => {
                serde_json::from_str(text).map_err(|e| BridgeError::invalid(format!("fault script: {e}")))?
            }
        };
        let mut current = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        *current = (current.0 + 1, Arc::new(rules));
        self.script.send_replace(current.0);
        Ok(())
    }

    pub fn verdict(&self, verb: Verb, class: Class) -> Verdict {
        let (script, rules) = self.rules.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut out = Verdict::default();
        for rule in rules.iter().filter(|rule| rule.applies(verb, class)) {
            match rule.action {
                Action::Fail => out.fail = Some(Failure(rule.error)),
                Action::LoseAnswer => out.lose_answer = Some(Failure(rule.error)),
                Action::Delay => out.delay_ms += rule.ms,
                Action::Freeze => out.freeze = Some(script),
                Action::Abort if rule.after => out.abort_after = true,
                Action::Abort => out.abort_before = true,
            }
        }
        out
    }

    /// Waits until another script than this one is installed.
    pub async fn thaw(&self, script: u64) {
        let _ = self.script.subscribe().wait_for(|current| *current != script).await;
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_fault_script(
    env: *mut crate::env::Env,
    script: TlbStr,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let env = borrow(env, "the environment")?;
        if !env.faults_enabled {
            return Err(BridgeError::new(
                Code::Unsupported,
                "fault scripts need TARN_ENABLE_FAULTS=1 in the environment when tlb_env_create runs",
            ));
        }
        env.plant.faults.install(script.text("the fault script")?)
    })
}
