#include "weak_disk.h"

#include <fstream>
#include <iterator>
#include <utility>

namespace tarn::crash {
namespace {

std::string FolderOf(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

std::string BytesOf(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

WeakDisk::WeakDisk(const std::filesystem::path& folder) {
  now_[""] = std::make_shared<Node>(Node{.is_folder = true});
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    auto node = std::make_shared<Node>(Node{.is_folder = entry.is_directory()});
    if (!node->is_folder) node->bytes = node->durable = BytesOf(entry.path());
    now_[entry.path().lexically_relative(folder).string()] = std::move(node);
  }
  durable_ = now_;
}

Result<std::shared_ptr<WeakDisk::Node>> WeakDisk::Find(const std::string& path) const {
  const auto found = now_.find(path);
  if (found != now_.end()) return found->second;
  return Error(ErrorId::kInternal, "the trace changes '{}', which is not there", path);
}

void WeakDisk::Set(Names& names, const Change& change) {
  for (const auto& [path, node] : change.names) {
    if (node == nullptr) {
      names.erase(path);
    } else {
      names[path] = node;
    }
  }
}

/// Names in several folders change one folder after the other.
void WeakDisk::Rename(std::vector<std::pair<std::string, std::shared_ptr<Node>>> names) {
  for (auto& name : names) {
    const std::string folder = FolderOf(name.first);
    const bool joins = &name != &names.front() && pending_.back().folder == folder;
    if (!joins) pending_.push_back({.folder = folder, .names = {}});
    pending_.back().names.push_back(name);
    Set(now_, {.folder = folder, .names = {name}});
  }
}

Status WeakDisk::Sync(const std::string& path) {
  TARN_ASSIGN_OR_RETURN(const std::shared_ptr<Node> node, Find(path));
  if (!node->is_folder) {
    node->durable = node->bytes;
    return Status::Ok();
  }
  std::erase_if(pending_, [&](const Change& change) {
    if (change.folder != path) return false;
    Set(durable_, change);
    return true;
  });
  return Status::Ok();
}

Status WeakDisk::Apply(const DiskOp& op) {
  using Kind = DiskOp::Kind;
  switch (op.kind) {
    case Kind::kMark: return Status::Ok();
    case Kind::kSync: return Sync(op.path);
    case Kind::kMakeFolder:
      Rename({{op.path, std::make_shared<Node>(Node{.is_folder = true})}});
      return Status::Ok();
    case Kind::kOpen:
      if (!now_.contains(op.path)) {
        Rename({{op.path, std::make_shared<Node>()}});
      } else if (op.empties) {
        now_[op.path]->bytes.clear();
      }
      return Status::Ok();
    default: break;
  }
  TARN_ASSIGN_OR_RETURN(const std::shared_ptr<Node> node, Find(op.path));
  switch (op.kind) {
    case Kind::kWrite:
      if (node->bytes.size() < op.offset + op.data.size())
        node->bytes.resize(op.offset + op.data.size());
      node->bytes.replace(op.offset, op.data.size(), op.data);
      return Status::Ok();
    case Kind::kResize: node->bytes.resize(op.offset); return Status::Ok();
    case Kind::kLink: Rename({{op.to, node}}); return Status::Ok();
    case Kind::kRename:
      if (node->is_folder) return Error(ErrorId::kInternal, "a folder is renamed: {}", op.path);
      Rename({{op.to, node}, {op.path, nullptr}});
      return Status::Ok();
    default: Rename({{op.path, nullptr}}); return Status::Ok();
  }
}

void WeakDisk::CutPower(Luck luck, std::mt19937& random,
                        const std::filesystem::path& folder) const {
  const auto is_lucky = [&](bool is_name) {
    if (luck == Luck::kNames) return is_name;
    return luck == Luck::kAll || (luck == Luck::kSome && random() % 2 == 0);
  };
  Names names = durable_;
  for (const Change& change : pending_) {
    if (is_lucky(/*is_name=*/true)) Set(names, change);
  }
  std::filesystem::create_directories(folder);
  for (const auto& [path, node] : names) {
    if (path.empty()) continue;
    const std::string parent = FolderOf(path);
    if (!names.contains(parent) || !std::filesystem::is_directory(folder / parent)) continue;
    if (node->is_folder) {
      std::filesystem::create_directory(folder / path);
      continue;
    }
    std::string bytes = is_lucky(/*is_name=*/false) ? node->bytes : node->durable;
    if (luck == Luck::kSome && bytes != node->durable && random() % 3 == 0)
      bytes.resize(random() % (bytes.size() + 1));
    std::ofstream(folder / path, std::ios::binary) << bytes;
  }
}

}  // namespace tarn::crash
