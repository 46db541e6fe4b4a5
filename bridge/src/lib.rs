//! `tarn-bridge`: the C ABI of `include/tarn_bridge.h` over Lance, DataFusion and object_store.
//!
//! One C call becomes one or two library calls. Nothing here retries, caches a decision, or knows what a
//! warehouse is: all policy lives in C++. Every exported function goes through [`ffi::guard`], so no panic and
//! no Rust error type crosses the boundary.
//!
//! | file | what it exports |
//! |---|---|
//! | `ffi` | strings, buffers, errors, the panic guard, the call context |
//! | `env`, `session` | runtime and limits; caches, storage options and addresses |
//! | `meter`, `tap`, `clock`, `fault` | counting, the store wrapper that counts, virtual time, fault scripts |
//! | `dataset`, `branch` | pinned handles, descriptions, branches |
//! | `input`, `stage`, `delta`, `columns`, `transaction` | staged effects and their sidecar form |
//! | `fence`, `commit`, `restore` | the exact commit |
//! | `cleanup` | old versions and unreferenced files |
//! | `scan`, `filter`, `take`, `stream`, `tokenize`, `sql` | reading |
//! | `store`, `durable` | small objects, fsync |

// The pointers of every exported function are part of the ABI's contract, stated once in the header.
#![allow(clippy::missing_safety_doc, clippy::too_many_arguments)]

mod branch;
mod cleanup;
mod clock;
mod columns;
mod commit;
mod dataset;
mod delta;
mod durable;
mod env;
mod error;
mod fault;
mod fence;
mod ffi;
mod filter;
mod input;
mod meter;
mod restore;
mod scan;
mod session;
mod sql;
mod stage;
mod store;
mod stream;
mod take;
mod tap;
mod tokenize;
mod transaction;
