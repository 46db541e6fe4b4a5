#include "tarn/cli/command.h"

namespace tarn::cli {
namespace {

const Flag kJson{"--json", "", "print one JSON object instead of text"};
const Flag kBranch{"--branch", "NAME", "read this branch (main)"};
const Flag kSnapshot{"--snapshot", "COMMIT", "read the warehouse as it was at this commit"};
const Flag kMemory{"--memory-mib", "N", "memory the verb may use, in MiB"};

std::vector<Flag> QuerySelection(std::vector<Flag> more) {
  std::vector<Flag> flags = {
      {"--query", "FILE", "read the query from a .gq file; - reads standard input"},
      {"--expression", "GQ", "the query text itself (also -e)"},
      {"--params", "JSON", "parameters as a JSON object"},
      {"--params-file", "FILE", "parameters from a file; - reads standard input"},
      kBranch,
      kSnapshot,
      {"--timeout", "DURATION", "give up after this long: 500ms, 30s, 5m"},
      kMemory,
  };
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

const Positional kUri{"URI", "folder or file:// address of the warehouse"};
const Positional kName{"NAME", "which query of the file to run, if it holds several"};

const std::vector<Command> kCommands = {
    {.path = "init",
     .summary = "make a warehouse with a schema",
     .details = "Checks the schema, then makes an empty warehouse: all of it, or nothing. An "
                "existing warehouse is never "
                "touched. --force allows a folder that holds other files.",
     .examples = {"tarn init --schema harbour.pg ./harbour",
                  "tarn init --schema harbour.pg file:///data/harbour --json"},
     .addressing = Addressing::kStoreFlagOrPositional,
     .positionals = {kUri},
     .flags = {{"--schema", "FILE", "the schema (.pg); - reads standard input", false, true},
               {"--force", "", "allow a folder that is not empty"},
               kJson},
     .run = RunInit},
    {.path = "load",
     .summary = "load graph JSONL in one commit",
     .details = "Reads one record a line, checks every constraint of the schema, and makes one "
                "commit, or reports what is "
                "wrong and changes nothing. append refuses ids that exist, merge replaces their "
                "rows, overwrite replaces "
                "every type the file mentions.",
     .examples = {"tarn load ./harbour --data ports.jsonl --mode append",
                  "zcat big.jsonl.gz | tarn load ./harbour --data - --mode merge --json"},
     .addressing = Addressing::kStoreFlagOrPositional,
     .positionals = {kUri},
     .flags = {{"--data", "FILE", "the records; - reads standard input", false, true},
               {"--mode", "MODE", "append, merge or overwrite", false, true},
               {"--branch", "NAME", "write to this branch (main)"},
               {"--request-id", "ID", "idempotency key of this load"},
               kMemory,
               {"--cost", "", "print what the load cost the storage"},
               kJson},
     .run = RunLoad},
    {.path = "query",
     .summary = "run a read query",
     .details = "Pins one commit, runs the query on it and prints the rows. The commit the rows "
                "were read at can be asked "
                "again later with --snapshot.",
     .examples =
         {"tarn query --store ./harbour --query harbour.gq callers --params '{\"code\":\"PLGDN\"}'",
          "tarn query --store ./harbour -e 'query q() { match { $p: Port } return { $p.name } }' "
          "--format csv"},
     .alias = "read",
     .addressing = Addressing::kStoreFlag,
     .positionals = {kName},
     .flags = QuerySelection({{"--format", "FORMAT", "table (default), kv, csv, jsonl or json"},
                              kJson,
                              {"--cost", "", "print what the query cost, on the error stream"}}),
     .run = RunQuery},
    {.path = "explain",
     .summary = "show how a query would run",
     .details = "Prints the plan with its estimates and every statistic that decided it. --analyze "
                "also runs the query "
                "and prints rows, bytes, store calls and time of each operator.",
     .examples = {"tarn explain --store ./harbour --query harbour.gq callers --params "
                  "'{\"code\":\"PLGDN\"}'",
                  "tarn explain --analyze --store ./harbour --query harbour.gq callers --params "
                  "'{\"code\":\"PLGDN\"}'"},
     .addressing = Addressing::kStoreFlag,
     .positionals = {kName},
     .flags = QuerySelection({{"--analyze", "", "run the query too"}, kJson}),
     .run = RunExplain},
    {.path = "lint",
     .summary = "check a schema, or queries against a schema",
     .details = "Reports everything that is wrong or doubtful without opening data. With --schema "
                "the schema is read from "
                "a file, else from the warehouse. Exit code 1 means at least one error.",
     .examples = {"tarn lint --schema harbour.pg",
                  "tarn lint --schema harbour.pg --query harbour.gq",
                  "tarn lint ./harbour --query harbour.gq --json"},
     .addressing = Addressing::kStoreFlagOrPositional,
     .positionals = {kUri},
     .flags = {{"--query", "FILE", "the queries to check (.gq); - reads standard input"},
               {"--schema", "FILE", "the schema (.pg); - reads standard input"},
               kJson},
     .run = RunLint},
    {.path = "schema show",
     .summary = "print the accepted schema",
     .details = "Prints the schema text byte for byte as it was accepted.",
     .examples = {"tarn schema show ./harbour", "tarn schema show ./harbour --json"},
     .alias = "schema get",
     .addressing = Addressing::kStoreFlagOrPositional,
     .positionals = {kUri},
     .flags = {kBranch, kSnapshot, kJson},
     .run = RunSchemaShow},
    {.path = "snapshot",
     .summary = "list the tables of a commit with their versions and rows",
     .details = "Prints every table the manifest names, edges first, with the Lance version that "
                "is current.",
     .examples = {"tarn snapshot ./harbour", "tarn snapshot ./harbour --json"},
     .addressing = Addressing::kStoreFlagOrPositional,
     .positionals = {kUri},
     .flags = {kBranch, kSnapshot, kJson},
     .run = RunSnapshot},
    {.path = "export",
     .summary = "write the graph as JSONL to standard output",
     .details = "Nodes before edges, one record a line. Loading the output into an empty warehouse "
                "of the same schema "
                "with --mode overwrite gives the same ids and content.",
     .examples = {"tarn export ./harbour > harbour.jsonl",
                  "tarn export ./harbour --type Port --type Feeds"},
     .addressing = Addressing::kStoreFlagOrPositional,
     .positionals = {kUri},
     .flags = {kBranch, kSnapshot, {"--type", "TYPE", "only this type; may be repeated", true}},
     .run = RunExport},
    {.path = "commit list",
     .summary = "list the commits, newest first",
     .details = "Each line: id, time, operation, actor, rows inserted, updated and deleted.",
     .examples = {"tarn commit list ./harbour", "tarn commit list ./harbour --json"},
     .addressing = Addressing::kStoreFlagOrPositional,
     .positionals = {kUri},
     .flags = {kBranch, {"--limit", "N", "at most this many"}, kJson},
     .run = RunCommitList},
    {.path = "commit show",
     .summary = "show one commit",
     .details = "Takes a commit id or an unambiguous beginning of one.",
     .examples = {"tarn commit show 01J9ZQ4T7M --store ./harbour"},
     .addressing = Addressing::kStoreFlag,
     .positionals = {{"ID", "the commit", true}},
     .flags = {kJson},
     .run = RunCommitShow},
    {.path = "optimize",
     .summary = "rewrite small files as larger ones",
     .details = "Keeps every row, and every old version: nothing that can be read changes, and "
                "nothing is deleted. All tables in one commit, none when there is nothing to do. "
                "Safe while others read and write.",
     .examples = {"tarn optimize ./harbour", "tarn optimize ./harbour --json"},
     .addressing = Addressing::kStoreFlagOrPositional,
     .positionals = {kUri},
     .flags = {kJson},
     .run = RunOptimize},
    {.path = "version",
     .summary = "print the version of tarn and of what it is built on",
     .details = "",
     .examples = {"tarn version", "tarn version --json"},
     .flags = {kJson},
     .run = RunVersion},
};

}  // namespace

const std::vector<Command>& Commands() { return kCommands; }

}  // namespace tarn::cli
