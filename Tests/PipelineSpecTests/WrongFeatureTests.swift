import PipelineSpec
import TestSupport
import Testing

/// Wrong features and what a window says of its rows, each with the whole message that it gets. Tests of the language
/// itself see to its other messages.
@Suite struct WrongFeatureTests {
  @Test(
    arguments: [
      (
        "count over 1d", "cuont over 1d",
        [
          "test.yaml:19:19: expected a function over rows, not `cuont` in `cuont over 1d`; did you mean `count`?"
        ]
      ),
      (
        "count over 1d", "count",
        [
          "test.yaml:19:19: `count` does not say over which rows in `count`; add a window: `over 24h` or `over last 10 rows`"
        ]
      ),
      (
        "count over 1d", "count half_life 1d",
        [
          "test.yaml:19:25: `count` does not fade, so it has no half-life in `count half_life 1d`; write `decayed_count half_life 1d`, or `over` a window"
        ]
      ),
      (
        "count over 1d", "count over 25h resolution 2h",
        [
          "test.yaml:19:30: the window of 25h is no whole number of times 2h in `count over 25h resolution 2h`; write `over 1d` or `over 26h`, or another `resolution`"
        ]
      ),
      (
        "count over 1d", "count over 1d resolution 1h\n        days: count over 7d resolution 1d",
        [
          "test.yaml:20:29: the stage would cut time in two ways: feature 'count_1d' has `resolution 1h` in `count over 7d resolution 1d`; write the same here, or give this feature a window stage of its own"
        ]
      ),
      (
        "count over 1d", "distinct(card) over 1d resolution 1h",
        [
          "test.yaml:19:19: `distinct` does not say up to how many values it is exact in `distinct(card) over 1d resolution 1h`; write it, as in `distinct(x, exact 1000)`; more are estimated"
        ]
      ),
      (
        "count over 1d", "entropy(card) over 1d resolution 1h",
        [
          "test.yaml:19:41: `entropy` needs the rows of the window, and with `resolution` they are not kept in `entropy(card) over 1d resolution 1h`; leave `resolution` out; the functions that take it are count, sum, mean, stddev, min, max, rate, distinct"
        ]
      ),
      (
        "count over 1d", "sequence(amount > 100)",
        [
          "test.yaml:19:19: the sequence does not say within how long it happens in `sequence(amount > 100)`; add the time from its first row to its last, as in `over 1h`"
        ]
      ),
      (
        "count over 1d", "count over last 0 rows",
        [
          "test.yaml:19:30: the window has no rows in `count over last 0 rows`; give it 1 to 1000000, as in `over last 10 rows`"
        ]
      ),
      (
        "count over 1d", "quantile(amount, 95) over 1d",
        [
          "test.yaml:19:36: `95` is no fraction of the rows in `quantile(amount, 95) over 1d`; write a number from 0 to 1: 0.5 is the median"
        ]
      ),
      (
        "features:", "retention: 12h\n      features:",
        [
          "test.yaml:20:30: the window reaches 1d back, but the stage keeps rows for 12h in `count over 1d`; shorten it, or raise `retention` to 1d",
          "test.yaml:21:36: the window reaches 1d back, but the stage keeps rows for 12h in `mean(amount) over 1d`; shorten it, or raise `retention` to 1d",
        ]
      ),
      (
        "features:", "retention: long\n      features:",
        [
          "test.yaml:18:18: `retention` is 'long'; write how long a key's rows are kept: a whole number and one of s, m, h, d, w, as in 90d"
        ]
      ),
      (
        "features:", "retention: 0d\n      features:",
        [
          "test.yaml:18:18: `retention` is '0d'; write how long a key's rows are kept: a whole number and one of s, m, h, d, w, as in 90d"
        ]
      ),
      (
        "features:", "retenion: 90d\n      features:",
        ["test.yaml:18:7: the window of stage 'window' has no key `retenion`; did you mean `retention`?"]
      ),
      (
        "features:", "feature:",
        [
          "test.yaml:17:7: the window of stage 'window' has no `features`; list features: `customer_count_1d: count over 1d`",
          "test.yaml:18:7: the window of stage 'window' has no key `feature`; did you mean `features`?",
        ]
      ),
    ] as [(String, String, [String])]
  )
  func aMistakeIsNamedWithItsPlaceAndRemedy(right: String, wrong: String, expected: [String]) throws {
    #expect(WrongFileTests.file.contains(right))
    let file = WrongFileTests.file.replacing(right, with: wrong)
    #expect(try WrongFileTests.messages(file, csv: WrongFileTests.header) == expected)
  }

  @Test func aWindowMaySayHowLongItsRowsAreKept() throws {
    let file = WrongFileTests.file.replacing("features:", with: "retention: 90d\n      features:")
    #expect(try WrongFileTests.messages(file, csv: WrongFileTests.header) == [])
  }

  /// What windows of cells are, and what they cost, is said where a pipeline is explained.
  @Test func windowsOfCellsAreExplained() throws {
    let folder = try TemporaryFolder()
    try folder.write("data.csv", WrongFileTests.header)
    let features =
      "distinct(note, exact 1000) over 7d resolution 1h\n        last_week: count over 7d delayed 7d resolution 1h"
    let file = WrongFileTests.file.replacing("count over 1d", with: features)
    let path = try folder.write("test.yaml", file)
    let lines = try PipelineCompiler.explain(path: path).explanation.text.split(separator: "\n").map {
      $0.drop { $0 == " " }
    }
    let expected = [
      "state     64 bytes a key and 128 for every 7 of its rows, which are kept for 1d",
      "128 bytes a key and 24 for each 1h in which it has rows, of which 337 are kept at most: 8216 bytes a key",
      "about 72 bytes a key for each different value of count_1d, of which 1000 are kept at most, and at most about "
        + "409816 where it has more",
      "features  count_1d   int64  = distinct(note, exact 1000) over 7d resolution 1h  (rows from the start of the 1h of "
        + "t - 7d, this row among them; exact up to 1000, more are estimated, with a standard error of 1.6%)",
      "last_week  int64  = count over 7d delayed 7d resolution 1h  (rows from the start of the 1h of t - 14d to that of "
        + "t - 7d)",
    ]
    for line in expected { #expect(lines.contains { $0 == line }, "\(line) is not among \(lines)") }
  }

  /// What a key costs is bounded by how many values are aggregated, each once.
  @Test func tooManyValuesAreRefused() throws {
    let features = (0..<70).map { "        s\($0): sum(amount + \($0)) over 1d\n" }.joined()
    let file = WrongFileTests.file.replacing("features:\n", with: "features:\n\(features)")
    let messages = try WrongFileTests.messages(file, csv: WrongFileTests.header)
    #expect(messages.count == 1 && messages[0].contains("64"), "\(messages)")
  }
}
