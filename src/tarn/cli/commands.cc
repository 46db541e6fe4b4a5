#include "tarn/cli/command.h"

namespace tarn::cli {
namespace {

const Flag kJson{"--json", "", "print one JSON object instead of text"};
const Flag kBranch{"--branch", "NAME", "read this branch (main)"};
const Flag kSnapshot{"--snapshot", "REF",
                     "read it as it was: a commit id or its beginning, a tag, v12 (manifest "
                     "version), or @2026-05-01T08:00:00Z"};
const Flag kFrom{"--from", "REF",
                 "what it starts from: a branch (main), a tag, a commit, v12 or @TIME of main"};
const Flag kMemory{"--memory-mib", "N", "memory the verb may use, in MiB"};

std::vector<Flag> ChangeFilters(std::vector<Flag> more) {
  std::vector<Flag> flags = {
      {"--kind", "KIND", "only node or edge; may be repeated", true},
      {"--type", "TYPE", "only this type; may be repeated", true},
      {"--op", "OP", "only insert, update or delete; may be repeated", true},
  };
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

const Flag kLimit{"--limit", "N", "at most this many changes a page (1000, at most 8192)"};
const Flag kPageToken{"--page-token", "TOKEN", "go on where an earlier page ended"};

/// The flags that select a query, and `more`.
std::vector<Flag> QuerySelection(std::vector<Flag> more) {
  std::vector<Flag> flags = {
      {"--query", "FILE", "read the query from a .gq file; - reads standard input"},
      {"--expression", "GQ", "the query text itself (also -e)"},
      {"--params", "JSON", "parameters as a JSON object"},
      {"--params-file", "FILE", "parameters from a file; - reads standard input"},
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
                  "tarn load ./harbour --data fixes.jsonl --mode merge --branch review --from main",
                  "zcat big.jsonl.gz | tarn load ./harbour --data - --mode merge --json"},
     .addressing = Addressing::kStoreFlagOrPositional,
     .positionals = {kUri},
     .flags = {{"--data", "FILE", "the records; - reads standard input", false, true},
               {"--mode", "MODE", "append, merge or overwrite", false, true},
               {"--branch", "NAME", "write to this branch (main)"},
               {"--from", "REF", "make the branch of this one first, unless it is there"},
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
     .flags = QuerySelection({kBranch,
                              kSnapshot,
                              {"--format", "FORMAT", "table (default), kv, csv, jsonl or json"},
                              kJson,
                              {"--cost", "", "print what the query cost, on the error stream"}}),
     .run = RunQuery},
    {.path = "mutate",
     .summary = "run a mutation in one commit",
     .details =
         "Runs the insert, update and delete statements of a query in order, each on what "
         "those before it left, checks every constraint on the result, and makes one commit, "
         "or reports what is wrong and changes nothing. With --if-commit it lands only if "
         "that commit is the head, else the exit code is 4. A request id that was used "
         "before answers with the commit it made.",
     .examples =
         {"tarn mutate --store ./harbour --query harbour.gq log_call --params '{\"imo\":9300003}'",
          "tarn mutate --store ./harbour -e 'query scrap($imo: I64) { delete Ship where imo = $imo "
          "}' --params '{\"imo\":9300001}' --json"},
     .addressing = Addressing::kStoreFlag,
     .positionals = {kName},
     .flags = QuerySelection(
         {{"--branch", "NAME", "write to this branch (main)"},
          {"--if-commit", "COMMIT", "land only if this commit is the head"},
          {"--request-id", "ID", "idempotency key of this mutation"},
          {"--reject-mixed", "", "refuse a query that holds deletes and other statements"},
          kJson,
          {"--cost", "", "print what the mutation cost, on the error stream"}}),
     .run = RunMutate},
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
     .flags = QuerySelection({kBranch, kSnapshot, {"--analyze", "", "run the query too"}, kJson}),
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
    {.path = "schema plan",
     .summary = "show what it takes to make a schema the accepted one",
     .details = "Lists the steps from the accepted schema to the one in the file, each with its "
                "tier: safe, validated (apply looks at the rows first) or destructive. Reads no "
                "rows and writes nothing. Exit code 1 when a change has no step.",
     .examples = {"tarn schema plan ./harbour --schema harbour-2.pg",
                  "tarn schema plan ./harbour --schema harbour-2.pg --json"},
     .addressing = Addressing::kStoreFlagOrPositional,
     .positionals = {kUri},
     .flags = {{"--schema", "FILE", "the wanted schema (.pg)", false, true}, kBranch, kJson},
     .run = RunSchemaPlan},
    {.path = "schema apply",
     .summary = "make a schema the accepted one, in one commit",
     .details = "Takes every step of the plan, or reports what stands against it and changes "
                "nothing. Rows are held to rules that are new. Rows keep their ids; a renamed "
                "type or property keeps its identity and its data. What is dropped stays in older "
                "commits. Exit code 1 when a change has no step or a row breaks a rule.",
     .examples = {"tarn schema apply ./harbour --schema harbour-2.pg",
                  "tarn schema apply ./harbour --schema harbour-2.pg --json"},
     .addressing = Addressing::kStoreFlagOrPositional,
     .positionals = {kUri},
     .flags = {{"--schema", "FILE", "the wanted schema (.pg)", false, true},
               {"--branch", "NAME", "change the schema of this branch (main)"},
               {"--request-id", "ID", "answer a repeated apply with the commit it made"},
               kMemory,
               {"--cost", "", "print the store calls on standard error"},
               kJson},
     .run = RunSchemaApply},
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
     .examples = {"tarn commit list ./harbour", "tarn commit list ./harbour --json",
                  "tarn commit list ./harbour --filter actor=tarn:recovery"},
     .addressing = Addressing::kStoreFlagOrPositional,
     .positionals = {kUri},
     .flags = {kBranch,
               {"--filter", "actor=NAME", "only the commits of this actor"},
               {"--limit", "N", "at most this many"},
               kJson},
     .run = RunCommitList},
    {.path = "commit show",
     .summary = "show one commit",
     .details = "Takes a commit id or an unambiguous beginning of one.",
     .examples = {"tarn commit show 01J9ZQ4T7M --store ./harbour"},
     .addressing = Addressing::kStoreFlag,
     .positionals = {{"ID", "the commit", true}},
     .flags = {kJson},
     .run = RunCommitShow},
    {.path = "commit changes",
     .summary = "show what one commit did, row by row",
     .details =
         "Every row that the commit inserted, updated or deleted, against its first parent, "
         "nodes before edges, by type and id. --json shows the whole rows, before and after.",
     .examples =
         {"tarn commit changes 01J9ZQ4T7M --store ./harbour",
          "tarn commit changes 01J9ZQ4T7M --store ./harbour --type Port --op update --json"},
     .addressing = Addressing::kStoreFlag,
     .positionals = {{"ID", "the commit", true}},
     .flags = ChangeFilters({kLimit, kPageToken, kJson}),
     .run = RunCommitChanges},
    {.path = "diff",
     .summary = "show what is different between two commits",
     .details =
         "Compares the heads of two branches, or any commits, tags, versions or times. A row "
         "counts once, however often it changed in between. Costs what was written in "
         "between, not what the warehouse holds.",
     .examples = {"tarn diff main review --store ./harbour", "tarn diff v12 main --store ./harbour",
                  "tarn diff 2026-q1 main --store ./harbour --type Port --json"},
     .addressing = Addressing::kStoreFlag,
     .positionals = {{"FROM", "a branch, tag, commit, v12 or @TIME of main", true},
                     {"TO", "the same", true}},
     .flags = ChangeFilters({kLimit, kPageToken, kJson}),
     .run = RunDiff},
    {.path = "changes poll",
     .summary = "read the changes of a branch since a cursor",
     .details = "Commit by commit, oldest first. The cursor of the answer is where the next poll "
                "begins; nothing is kept for a reader. A retried cursor gives the same again. When "
                "history is gone the answer is an error that says so: take a new baseline.",
     .examples = {"tarn changes poll --store ./harbour --start beginning --json",
                  "tarn changes poll --store ./harbour --cursor \"$CURSOR\" --type Port --json"},
     .addressing = Addressing::kStoreFlag,
     .flags = ChangeFilters({{"--cursor", "CURSOR", "what an earlier poll or baseline answered"},
                             {"--start", "WHERE", "now (default), beginning or after:COMMIT"},
                             kPageToken,
                             kLimit,
                             kBranch,
                             kJson}),
     .run = RunChangesPoll},
    {.path = "changes baseline",
     .summary = "write all rows of a branch and the cursor behind them",
     .details = "Writes the rows as load takes them, and last a record with the commit and the "
                "cursor. The file appears whole and durable, or not at all; only then the cursor "
                "is printed.",
     .examples = {"tarn changes baseline --store ./harbour --out harbour.jsonl"},
     .addressing = Addressing::kStoreFlag,
     .flags = ChangeFilters({{"--out", "FILE", "the file to write", false, true}, kBranch, kJson}),
     .run = RunChangesBaseline},
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
    {.path = "repair",
     .summary = "bring back tables that somebody moved beside Tarn",
     .details =
         "Shows every table whose newest Lance version is not the one that the newest commit "
         "names. With --confirm each is restored to the content of that version, in one "
         "commit of the recovery actor. Rows that Tarn did not commit never become visible; "
         "their versions stay in the table's own history. Exit code 1 means that a table "
         "cannot be brought back.",
     .examples = {"tarn repair ./harbour", "tarn repair ./harbour --confirm --json"},
     .addressing = Addressing::kStoreFlagOrPositional,
     .positionals = {kUri},
     .flags = {kBranch, {"--confirm", "", "restore them"}, kJson},
     .run = RunRepair},
    {.path = "recovery list",
     .summary = "list what became of commits whose writers did not end them",
     .details = "Newest first: whose commit, whether it was finished or given up and why, and how "
                "its tables stood. Commits under way come first.",
     .examples = {"tarn recovery list ./harbour", "tarn recovery list ./harbour --json"},
     .addressing = Addressing::kStoreFlagOrPositional,
     .positionals = {kUri},
     .flags = {kBranch, kJson},
     .run = RunRecoveryList},
    {.path = "branch create",
     .summary = "make a branch of the whole warehouse",
     .details =
         "A branch is a name for a line of commits of its own. It covers every table, copies "
         "no data and costs the same few storage calls whatever the warehouse holds. Writes "
         "to it are not seen elsewhere.",
     .examples = {"tarn branch create review --store ./harbour",
                  "tarn branch create fix/depths --from 01J9ZQ4T7M --store ./harbour --json"},
     .addressing = Addressing::kStoreFlag,
     .positionals = {{"NAME", "of the branch; slashes are allowed", true}},
     .flags = {kFrom, kJson},
     .run = RunBranchCreate},
    {.path = "branch list",
     .summary = "list the branches",
     .details = "Each line: name, where it was made, when and by whom. main comes first.",
     .examples = {"tarn branch list --store ./harbour",
                  "tarn branch list --store ./harbour --json"},
     .addressing = Addressing::kStoreFlag,
     .flags = {kJson},
     .run = RunBranchList},
    {.path = "branch delete",
     .summary = "delete a branch and the history that only it has",
     .details =
         "Refused while another branch was made of it or a tag stands on it. No commit lands "
         "on it any more; a branch made later under this name is another one.",
     .examples = {"tarn branch delete review --store ./harbour"},
     .addressing = Addressing::kStoreFlag,
     .positionals = {{"NAME", "of the branch", true}},
     .flags = {kJson},
     .run = RunBranchDelete},
    {.path = "branch merge",
     .summary = "bring the changes of a branch into another",
     .details =
         "Row by row, against the newest commit both have, as one commit or not at all. A row "
         "that changed on one side is taken over; one that changed on both in different ways "
         "is a conflict, and so is a rule that the merged rows would break. --dry-run shows what "
         "would change and every conflict, and writes nothing.",
     .examples = {"tarn branch merge review --store ./harbour",
                  "tarn branch merge main --into review --dry-run --store ./harbour",
                  "tarn branch merge review --keep theirs --keep \"node:Port SEGOT=ours\" --store "
                  "./harbour --delete-branch"},
     .alias = "merge",
     .addressing = Addressing::kStoreFlag,
     .positionals = {{"SOURCE", "the branch whose changes are wanted", true}},
     .flags = {{"--into", "BRANCH", "the branch that takes them (main)"},
               {"--dry-run", "", "show what would happen, and write nothing"},
               {"--keep", "SIDE",
                "settle conflicts between two rows: ours (of --into) or theirs (of SOURCE); "
                "\"node:Port SEGOT=theirs\" settles one row; may be repeated",
                true},
               {"--delete-branch", "", "delete SOURCE when it is merged"},
               kMemory,
               {"--cost", "", "print what the merge cost the storage, on the error stream"},
               kJson},
     .run = RunBranchMerge},
    {.path = "tag create",
     .summary = "give a commit a name",
     .details = "A tag never moves. It keeps its commit from being cleaned up, and reads take it "
                "with --snapshot.",
     .examples = {"tarn tag create 2026-q1 --store ./harbour",
                  "tarn query --store ./harbour --query harbour.gq ports --snapshot 2026-q1"},
     .addressing = Addressing::kStoreFlag,
     .positionals = {{"NAME", "of the tag", true}},
     .flags = {kFrom, kJson},
     .run = RunTagCreate},
    {.path = "tag list",
     .summary = "list the tags",
     .details = "Each line: name, commit, when it was made and by whom.",
     .examples = {"tarn tag list --store ./harbour", "tarn tag list --store ./harbour --json"},
     .addressing = Addressing::kStoreFlag,
     .flags = {kJson},
     .run = RunTagList},
    {.path = "tag delete",
     .summary = "take a tag's name away",
     .details = "The commit stays.",
     .examples = {"tarn tag delete 2026-q1 --store ./harbour"},
     .addressing = Addressing::kStoreFlag,
     .positionals = {{"NAME", "of the tag", true}},
     .flags = {kJson},
     .run = RunTagDelete},
    {.path = "cleanup",
     .summary = "remove what old commits alone need",
     .details =
         "Of each branch the newest commits stay, and what was current within the last hour, and "
         "what a tag, another branch or the next merge stands on. Files that nothing names, left "
         "by writers that "
         "ended, go when they are older than an hour. Without --confirm it only says what would "
         "go. With both --keep and --older-than a commit must be beyond both. A commit that was "
         "given up cannot be read any more. A write that was under way for longer than an hour "
         "starts over.",
     .examples = {"tarn cleanup ./harbour --keep 10",
                  "tarn cleanup ./harbour --older-than 30d --confirm --json"},
     .addressing = Addressing::kStoreFlagOrPositional,
     .positionals = {kUri},
     .flags = {{"--keep", "N", "commits of each branch that stay (10, if nothing else is said)"},
               {"--older-than", "DURATION", "give up only what is older: 12h, 7d, 4w"},
               {"--confirm", "", "do it"},
               {"--force", "", "allow --keep below 3"},
               kJson},
     .run = RunCleanup},
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
