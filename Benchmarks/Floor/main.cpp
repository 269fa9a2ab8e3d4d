// The floor: what one core does with the reference pipeline's work when nothing stands between the stages. One loop
// reads the CSV, keeps the windows, scores and writes the same JSON Lines as `sluice run pipelines/card-fraud.yaml`.
// Written for this one pipeline and nothing else; trees are walked node by node, as a first version would.
//
// usage: floor DATA.csv MODEL.json REVIEW DECLINE > results.jsonl      (rows/s on stderr)

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace {

constexpr int64_t kDay = 86400;

// --- Windows -------------------------------------------------------------------------------------------------------

struct Entry {
  int64_t time;
  int64_t value;
};

/// Rows of one key that some window may still need, oldest first.
struct Ring {
  std::vector<Entry> entries = std::vector<Entry>(16);
  uint64_t first = 0, last = 0;

  const Entry &operator[](uint64_t index) const { return entries[index & (entries.size() - 1)]; }

  void push(Entry entry) {
    if (last - first == entries.size()) {
      std::vector<Entry> larger(entries.size() * 2);
      for (uint64_t index = first; index < last; index++) larger[index & (larger.size() - 1)] = (*this)[index];
      entries.swap(larger);
    }
    entries[last++ & (entries.size() - 1)] = entry;
  }
};

/// The rows of one key that are older than an edge: how many, and the sum of their values.
struct Edge {
  uint64_t count = 0;
  int64_t sum = 0;
};

/// Windows of 1, 7 and 30 days that end `delay` before now: edges at delay, delay + 1 d, delay + 7 d, delay + 30 d.
struct Key {
  Ring ring;
  Edge edges[4];
};

struct Window {
  int64_t count[3];
  int64_t sum[3];
};

class Windows {
 public:
  explicit Windows(int64_t delay) : offsets_{delay, delay + kDay, delay + 7 * kDay, delay + 30 * kDay} {}

  Window add(int64_t key, int64_t time, int64_t value) {
    Key &state = find(key);
    state.ring.push({time, value});
    for (int edge = 0; edge < 4; edge++) {
      Edge &passed = state.edges[edge];
      if (offsets_[edge] == 0) {
        passed.count = state.ring.last;
        passed.sum += value;
        continue;
      }
      while (passed.count < state.ring.last && state.ring[passed.count].time <= time - offsets_[edge]) {
        passed.sum += state.ring[passed.count].value;
        passed.count++;
      }
    }
    state.ring.first = state.edges[3].count;
    Window window;
    for (int w = 0; w < 3; w++) {
      window.count[w] = static_cast<int64_t>(state.edges[0].count - state.edges[w + 1].count);
      window.sum[w] = state.edges[0].sum - state.edges[w + 1].sum;
    }
    return window;
  }

 private:
  Key &find(int64_t key) {
    if ((used_ + 1) * 2 > slots_.size()) grow();
    size_t at = hash(key) & (slots_.size() - 1);
    while (slots_[at].index >= 0 && slots_[at].key != key) at = (at + 1) & (slots_.size() - 1);
    if (slots_[at].index < 0) {
      slots_[at] = {key, static_cast<int32_t>(used_++)};
      keys_.emplace_back();
    }
    return keys_[static_cast<size_t>(slots_[at].index)];
  }

  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot &slot : old) {
      if (slot.index < 0) continue;
      size_t at = hash(slot.key) & (slots_.size() - 1);
      while (slots_[at].index >= 0) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = slot;
    }
  }

  static uint64_t hash(int64_t key) {
    uint64_t z = static_cast<uint64_t>(key) + 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  struct Slot {
    int64_t key = 0;
    int32_t index = -1;
  };

  int64_t offsets_[4];
  std::vector<Slot> slots_ = std::vector<Slot>(1024);
  std::vector<Key> keys_;
  size_t used_ = 0;
};

// --- Model ---------------------------------------------------------------------------------------------------------

/// The numbers of the next array called `key` at or after `from`, which moves behind it; false when there is none.
bool next_array(std::string_view text, std::string_view key, size_t &from, std::vector<double> &numbers) {
  const std::string quoted = "\"" + std::string(key) + "\"";
  size_t at = text.find(quoted, from);
  if (at == std::string_view::npos) return false;
  at = text.find('[', at) + 1;
  numbers.clear();
  while (text[at] != ']') {
    const char *start = text.data() + at;
    while (*start == ' ' || *start == ',' || *start == '\n') start++;
    if (*start == ']') break;
    double value = 0;
    if (*start == 't' || *start == 'f') {
      value = *start == 't';
      start += *start == 't' ? 4 : 5;
    } else {
      start = std::from_chars(start, text.data() + text.size(), value).ptr;
    }
    numbers.push_back(value);
    at = static_cast<size_t>(start - text.data());
  }
  from = at;
  return true;
}

struct Node {
  float threshold;
  int32_t left, right, feature;
  bool default_left;
};

struct Model {
  std::vector<std::vector<Node>> trees;
  std::vector<float> weights;
  float base = 0;

  explicit Model(const char *path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    size_t at = text.find("\"base_score\"");
    if (at == std::string::npos) fail("the model has no base_score");
    at = text.find_first_of("0123456789", at + 12);
    const double probability = std::strtod(text.c_str() + at, nullptr);
    base = static_cast<float>(-std::log(1 / probability - 1));
    std::vector<double> numbers;
    size_t from = 0;
    if (text.find("\"gblinear\"") != std::string::npos) {
      if (!next_array(text, "weights", from, numbers)) fail("the model has no weights");
      weights.assign(numbers.begin(), numbers.end());
      return;
    }
    // The arrays of a tree stand in alphabetical order of their names.
    while (next_array(text, "default_left", from, numbers)) {
      std::vector<Node> tree(numbers.size());
      for (size_t node = 0; node < tree.size(); node++) tree[node].default_left = numbers[node] != 0;
      next_array(text, "left_children", from, numbers);
      for (size_t node = 0; node < tree.size(); node++) tree[node].left = static_cast<int32_t>(numbers[node]);
      next_array(text, "right_children", from, numbers);
      for (size_t node = 0; node < tree.size(); node++) tree[node].right = static_cast<int32_t>(numbers[node]);
      next_array(text, "split_conditions", from, numbers);
      for (size_t node = 0; node < tree.size(); node++) tree[node].threshold = static_cast<float>(numbers[node]);
      next_array(text, "split_indices", from, numbers);
      for (size_t node = 0; node < tree.size(); node++) tree[node].feature = static_cast<int32_t>(numbers[node]);
      trees.push_back(std::move(tree));
    }
    if (trees.empty()) fail("the model has no trees");
  }

  double score(const float *features) const {
    float margin = base;
    if (!weights.empty()) {
      margin += weights.back();
      for (size_t index = 0; index + 1 < weights.size(); index++) margin += features[index] * weights[index];
    }
    for (const std::vector<Node> &tree : trees) {
      int32_t at = 0;
      while (tree[static_cast<size_t>(at)].left >= 0) {
        const Node &node = tree[static_cast<size_t>(at)];
        const float value = features[node.feature];
        at = std::isnan(value) ? (node.default_left ? node.left : node.right)
                               : (value < node.threshold ? node.left : node.right);
      }
      margin += tree[static_cast<size_t>(at)].threshold;
    }
    return 1 / (1 + std::exp(-static_cast<double>(margin)));
  }

  [[noreturn]] static void fail(const char *why) {
    std::fprintf(stderr, "floor: %s\n", why);
    std::exit(2);
  }
};

// --- Text ----------------------------------------------------------------------------------------------------------

int64_t days_from_civil(int64_t y, int64_t m, int64_t d) {
  y -= m <= 2;
  const int64_t era = (y >= 0 ? y : y - 399) / 400;
  const int64_t yoe = y - era * 400;
  const int64_t doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

int64_t integer(const char *&at) {
  int64_t value = 0;
  while (*at >= '0' && *at <= '9') value = value * 10 + (*at++ - '0');
  return value;
}

int64_t digits(const char *at, int count) {
  int64_t value = 0;
  for (int index = 0; index < count; index++) value = value * 10 + (at[index] - '0');
  return value;
}

class Writer {
 public:
  ~Writer() { flush(); }

  void text(std::string_view text) {
    std::memcpy(buffer_ + count_, text.data(), text.size());
    count_ += text.size();
  }
  void number(int64_t value) { count_ = static_cast<size_t>(std::to_chars(buffer_ + count_, buffer_ + kSize, value).ptr - buffer_); }
  void number(double value) {
    const size_t start = count_;
    count_ = static_cast<size_t>(std::to_chars(buffer_ + count_, buffer_ + kSize, value).ptr - buffer_);
    if (std::string_view(buffer_ + start, count_ - start).find_first_of(".e") == std::string_view::npos) text(".0");
  }
  void cents(int64_t value) {
    number(value / 100);
    text(".");
    buffer_[count_++] = static_cast<char>('0' + value % 100 / 10);
    buffer_[count_++] = static_cast<char>('0' + value % 10);
  }
  void endLine() {
    buffer_[count_++] = '\n';
    if (count_ > kSize - 4096) flush();
  }

 private:
  void flush() {
    for (size_t done = 0; done < count_;) {
      const ssize_t written = write(1, buffer_ + done, count_ - done);
      if (written <= 0) std::exit(1);
      done += static_cast<size_t>(written);
    }
    count_ = 0;
  }

  static constexpr size_t kSize = 1 << 16;
  char buffer_[kSize];
  size_t count_ = 0;
};

}  // namespace

int main(int count, char **arguments) {
  if (count != 5) Model::fail("usage: floor DATA.csv MODEL.json REVIEW DECLINE");
  const auto started = std::chrono::steady_clock::now();
  const int file = open(arguments[1], O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) Model::fail("cannot read the data");
  const size_t size = static_cast<size_t>(status.st_size);
  const char *data = static_cast<const char *>(mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0));
  if (data == MAP_FAILED) Model::fail("cannot map the data");
  const Model model(arguments[2]);
  const double review = std::atof(arguments[3]), decline = std::atof(arguments[4]);

  Windows customers(0), terminals(7 * kDay);
  Writer out;
  const char *at = data, *end = data + size;
  while (at < end && *at++ != '\n') {}
  int64_t rows = 0;
  while (at < end) {
    const int64_t id = integer(at);
    const char *datetime = ++at;
    const int64_t day = days_from_civil(digits(at, 4), digits(at + 5, 2), digits(at + 8, 2));
    const int64_t hour = digits(at + 11, 2);
    const int64_t time = day * kDay + hour * 3600 + digits(at + 14, 2) * 60 + digits(at + 17, 2);
    at += 20;
    const int64_t customer = integer(at);
    const int64_t terminal = integer(++at);
    const int64_t units = integer(++at);
    int64_t cents = units * 100;
    if (*at == '.') {
      const char *fraction = ++at;
      const int64_t value = integer(at);
      cents += at - fraction == 1 ? value * 10 : value;
    }
    const int64_t fraud = integer(++at);
    const int64_t scenario = integer(++at);
    while (at < end && *at++ != '\n') {}
    rows++;

    const int64_t weekend = (day + 3) % 7 >= 5, night = hour <= 6;
    const Window by_customer = customers.add(customer, time, cents);
    const Window by_terminal = terminals.add(terminal, time, fraud);
    double means[3], risks[3];
    float features[15];
    features[0] = static_cast<float>(static_cast<double>(cents) / 100);
    features[1] = static_cast<float>(weekend);
    features[2] = static_cast<float>(night);
    for (int w = 0; w < 3; w++) {
      means[w] = static_cast<double>(by_customer.sum[w]) / static_cast<double>(by_customer.count[w] * 100);
      risks[w] = by_terminal.count[w] == 0
                     ? 0
                     : static_cast<double>(by_terminal.sum[w]) / static_cast<double>(by_terminal.count[w]);
      features[3 + 2 * w] = static_cast<float>(by_customer.count[w]);
      features[4 + 2 * w] = static_cast<float>(means[w]);
      features[9 + 2 * w] = static_cast<float>(by_terminal.count[w]);
      features[10 + 2 * w] = static_cast<float>(risks[w]);
    }
    const double score = model.score(features);
    if (score < review) continue;

    static constexpr std::string_view kDays[3] = {"1d", "7d", "30d"};
    out.text("{\"transaction_id\":");
    out.number(id);
    out.text(",\"tx_datetime\":\"");
    out.text({datetime, 10});
    out.text("T");
    out.text({datetime + 11, 8});
    out.text("Z\",\"customer_id\":");
    out.number(customer);
    out.text(",\"terminal_id\":");
    out.number(terminal);
    out.text(",\"tx_amount\":");
    out.cents(cents);
    out.text(",\"tx_fraud\":");
    out.number(fraud);
    out.text(",\"tx_fraud_scenario\":");
    out.number(scenario);
    out.text(",\"during_weekend\":");
    out.number(weekend);
    out.text(",\"during_night\":");
    out.number(night);
    for (int w = 0; w < 3; w++) {
      out.text(",\"customer_count_");
      out.text(kDays[w]);
      out.text("\":");
      out.number(by_customer.count[w]);
      out.text(",\"customer_mean_");
      out.text(kDays[w]);
      out.text("\":");
      out.number(means[w]);
    }
    for (int w = 0; w < 3; w++) {
      out.text(",\"terminal_count_");
      out.text(kDays[w]);
      out.text("\":");
      out.number(by_terminal.count[w]);
      out.text(",\"terminal_risk_");
      out.text(kDays[w]);
      out.text("\":");
      out.number(risks[w]);
    }
    out.text(",\"score\":");
    out.number(score);
    out.text(score >= decline ? ",\"decision\":\"decline\"" : ",\"decision\":\"review\"");
    out.text(",\"reasons\":\"");
    bool first = true;
    const auto reason = [&](bool holds, std::string_view name) {
      if (!holds) return;
      if (!first) out.text(";");
      out.text(name);
      first = false;
    };
    reason(cents > 22000, "amount_over_220");
    reason(risks[1] >= 0.25, "risky_terminal");
    reason(by_customer.count[1] >= 3 && static_cast<double>(cents) / 100 > 3 * means[2], "unusual_amount");
    out.text("\"}");
    out.endLine();
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
  std::fprintf(stderr, "rows %lld seconds %.4f rows/s %.0f\n", static_cast<long long>(rows), elapsed.count(),
               static_cast<double>(rows) / elapsed.count());
}
