// ginac_bench FILE [--list]: GiNaC's side of the comparison. FILE: group, id, order, variables (blanks), formula by tabs.
// Prints for each group: group, formulas, repetitions, median seconds to read, to differentiate, to print, characters.
// --list prints the ids whose derivative is one (no exception, nothing left open).
#include <algorithm>
#include <ctime>
#include <fstream>
#include <ginac/ginac.h>
#include <iostream>
#include <map>
#include <sstream>
#include <vector>

struct task {
    std::string id, text;
    unsigned order;
    std::vector<std::string> variables;
};

static double now()
{
    timespec t; // processor time: the machine may be busy with other things
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

static double median(std::vector<double> v)
{
    std::sort(v.begin(), v.end());
    return v[v.size() / 2];
}

struct times {
    double read = 0, derive = 0, print = 0;
    size_t characters = 0;
    bool open = false; // a derivative was left unevaluated
};

static void run(const task &t, times &sum, bool print)
{
    double start = now();
    GiNaC::symtab names;
    std::vector<GiNaC::symbol> by;
    for (auto &name : t.variables) {
        by.emplace_back("v" + name);
        names["v" + name] = by.back();
    }
    GiNaC::parser reader(names);
    GiNaC::ex f = reader(t.text);
    double read = now();
    std::vector<GiNaC::ex> results;
    for (auto &x : by) results.push_back(f.diff(x, t.order));
    double derived = now();
    if (print) {
        std::ostringstream out;
        for (auto &r : results) out << r;
        sum.characters += out.str().size();
        sum.open |= out.str().find("D[") != std::string::npos || out.str().find("derivative") != std::string::npos;
    }
    sum.read += read - start;
    sum.derive += derived - read;
    sum.print += now() - derived;
}

int main(int argc, char **argv)
{
    bool list = argc > 2 && std::string(argv[2]) == "--list";
    std::ifstream file(argv[1]);
    std::vector<std::string> order;
    std::map<std::string, std::vector<task>> groups;
    for (std::string line; std::getline(file, line);) {
        std::istringstream cells(line);
        std::string group, number, variables;
        task t;
        std::getline(cells, group, '\t');
        std::getline(cells, t.id, '\t');
        std::getline(cells, number, '\t');
        std::getline(cells, variables, '\t');
        std::getline(cells, t.text);
        t.order = static_cast<unsigned>(std::stoul(number));
        std::istringstream words(variables);
        for (std::string word; words >> word;) t.variables.push_back(word);
        if (!groups.count(group)) order.push_back(group);
        groups[group].push_back(t);
    }
    for (auto &group : order) {
        if (list) {
            for (auto &t : groups[group]) {
                try {
                    times one;
                    run(t, one, true);
                    if (!one.open) std::cout << t.id << "\n";
                } catch (const std::exception &) {
                }
            }
            continue;
        }
        std::vector<double> read, derive, print;
        times once;
        for (double begin = now(); read.size() < 3 || (read.size() < 31 && now() - begin < 2.0);) {
            once = times();
            for (auto &t : groups[group]) run(t, once, true);
            read.push_back(once.read);
            derive.push_back(once.derive);
            print.push_back(once.print);
        }
        std::cout << group << "\t" << groups[group].size() << "\t" << read.size() << "\t" << median(read) << "\t"
                  << median(derive) << "\t" << median(print) << "\t" << once.characters << "\n";
    }
}
