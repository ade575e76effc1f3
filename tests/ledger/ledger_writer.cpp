// Puts records until it is killed: hone_ledger_writer FOLDER RUN THREADS. Prints "ready" when the
// ledger is open, then the key of each record that was acknowledged, a line each.
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "blockdb/store/store.hpp"

namespace {

// One write(2) for each line: a kill leaves whole lines.
void print_line(const std::string& line) {
    const std::string whole = line + "\n";
    if (::write(STDOUT_FILENO, whole.data(), whole.size()) < 0) std::exit(0);
}

void put_for_ever(hone::blockdb::Store& store, const std::string& prefix) {
    for (int number = 0;; ++number) {
        const std::string key = prefix + std::to_string(number);
        const auto outcome = store.put({{key, "value of " + key}, {key + "+", "beside " + key}});
        if (!outcome.receipt) {
            std::fprintf(stderr, "%s was not put\n", key.c_str());
            std::exit(1);
        }
        print_line(key);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    hone::blockdb::StoreOptions options;
    options.folder = argv[1];
    options.memtable_size = hone::Bytes::kilo(256);  // so that flushes and compactions happen, too
    options.key_map_memory = hone::Bytes::kilo(256);
    auto store = hone::blockdb::Store::open(options);
    if (!store.ok()) {
        std::fprintf(stderr, "%s\n", store.error().message().c_str());
        return 1;
    }
    print_line("ready");
    std::vector<std::jthread> writers;
    for (int thread = 0; thread < std::atoi(argv[3]); ++thread)
        writers.emplace_back([&store, prefix = std::string(argv[2]) + "/" + std::to_string(thread) +
                                               "/"] { put_for_ever(**store, prefix); });
    return 0;
}
