#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <tarn_bridge.h>

namespace tarn::store {

/// Owns one handle of the bridge and releases it by its own `_free`. The only form in which Tarn
/// keeps one.
template <typename T, void (*Free)(T*)>
class BridgeHandle {
 public:
  BridgeHandle() = default;
  explicit BridgeHandle(T* held) : held_(held) {}
  BridgeHandle(BridgeHandle&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
  BridgeHandle& operator=(BridgeHandle&& other) noexcept {
    if (this != &other) {
      Free(held_);
      held_ = std::exchange(other.held_, nullptr);
    }
    return *this;
  }
  ~BridgeHandle() { Free(held_); }

  T* get() const { return held_; }
  /// For an out-parameter; what was held is released first.
  T** Out() {
    Free(std::exchange(held_, nullptr));
    return &held_;
  }

 private:
  T* held_ = nullptr;
};

using EnvironmentHandle = BridgeHandle<tlb_env, tlb_env_free>;
using SessionHandle = BridgeHandle<tlb_session, tlb_session_free>;
using DatasetHandle = BridgeHandle<tlb_ds, tlb_ds_free>;
using TransactionHandle = BridgeHandle<tlb_tx, tlb_tx_free>;
using StreamHandle = BridgeHandle<tlb_stream, tlb_stream_free>;
using StoreHandle = BridgeHandle<tlb_store, tlb_store_free>;
using SqlHandle = BridgeHandle<tlb_sql, tlb_sql_free>;
using CancelHandle = BridgeHandle<tlb_cancel, tlb_cancel_free>;
using MeterHandle = BridgeHandle<tlb_meter, tlb_meter_free>;
using ErrorHandle = BridgeHandle<tlb_error, tlb_error_free>;

/// Bytes that the bridge wrote.
class BridgeBytes {
 public:
  BridgeBytes() = default;
  BridgeBytes(const BridgeBytes&) = delete;
  BridgeBytes& operator=(const BridgeBytes&) = delete;
  ~BridgeBytes() { tlb_buf_free(&held_); }

  tlb_buf* Out() { return &held_; }
  std::string_view view() const { return {reinterpret_cast<const char*>(held_.p), held_.n}; }

 private:
  tlb_buf held_{};
};

/// A borrowed string for one call.
inline tlb_str Str(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view ViewOf(tlb_str text) { return {text.p, text.n}; }

}  // namespace tarn::store
