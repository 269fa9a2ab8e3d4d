import Foundation
import PipelineSpec
import TestSupport
import Testing

/// Tables that expressions look values up in, and all that can be wrong with them.
@Suite struct TableTests {
  static let file = WrongFileTests.file.replacing(
    "stages:",
    with: """
      tables:
        cards:
          csv: tables/cards.csv
          key: card
          columns: { card: int64, limit: { type: decimal(2), format: money }, kind: { type: string?, null: ['?'] } }
        rates:
          csv: tables/rates.csv
          key: kind
          valid_from: since
          columns:
            kind: { type: string, column: Kind of card }
            since: timestamp
            rate: { type: float64, max: 1 }
      stages:
      """
  )
  .replacing("where: amount > 1", with: "where: lookup(cards.limit, card) < lookup(rates.rate, note, at)")
  .replacing("mean_1d: mean(amount)", with: "mean_1d: mean(lookup(cards.limit, card))")

  static let cards = "Card,Limit,Kind,Other\n5,\"$1,000.00\",gold,x\r\n\n6,$5,?,\n7,0,,"
  static let rates = "\u{FEFF}Kind of card,since,rate\ngold,2018-01-01,0.5\ngold,2019-01-01,\"0.25\"\n,2018-01-01,1\n"

  static func messages(
    _ edit: (String) -> String = { $0 },
    cards: String = cards,
    rates: String = rates
  ) throws -> [String] {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path("tables"), withIntermediateDirectories: true)
    try folder.write("tables/cards.csv", cards)
    try folder.write("tables/rates.csv", rates)
    try folder.write("data.csv", WrongFileTests.header)
    let path = try folder.write("test.yaml", edit(file))
    do throws(PipelineFileError) {
      _ = try PipelineCompiler.compile(path: path)
      return []
    } catch {
      return error.description.replacing(folder.url.path() + "/", with: "").replacing(folder.url.path(), with: "")
        .split(separator: "\n").map(String.init)
    }
  }

  @Test func rightTablesHaveNoMistakes() throws {
    // The last row of a key that stands for no card: an empty text is a key only where it is quoted.
    #expect(try Self.messages(rates: Self.rates.replacing("\n,2018", with: "\n\"\",2018")) == [])
  }

  @Test(
    arguments: [
      (
        "csv: tables/cards.csv", "cvs: tables/cards.csv",
        [
          "test.yaml:4:5: table 'cards' has no `csv`; name the file: `csv: tables/cards.csv`",
          "test.yaml:4:5: table 'cards' has no key `cvs`; did you mean `csv`?",
        ]
      ),
      (
        "tables/cards.csv", "tables/crads.csv",
        [
          "test.yaml:4:10: cannot read the table 'cards' from 'tables/crads.csv': No such file or directory; check the path"
        ]
      ),
      (
        "key: card\n    columns", "columns",
        [
          "test.yaml:4:5: table 'cards' has no `key`; name the column that `lookup` is given: `key: merchant_id`"
        ]
      ),
      (
        "key: card\n    columns", "key: crad\n    columns",
        [
          "test.yaml:5:10: there is no column 'crad'; did you mean 'card'?"
        ]
      ),
      (
        "key: card\n    columns", "key: kind\n    columns",
        [
          "test.yaml:5:10: the key 'kind' of table 'cards' may be empty; declare the column without `?`"
        ]
      ),
      (
        "card: int64, limit", "card: float64, limit",
        [
          "test.yaml:5:10: the key 'card' of table 'cards' is float64; declare it as something exact: string, int64 or decimal(places)"
        ]
      ),
      (
        "valid_from: since", "valid_from: kind",
        [
          "test.yaml:10:17: `valid_from` of table 'rates' is 'kind', which is string; declare it as `kind: timestamp`"
        ]
      ),
      (
        "since: timestamp", "since: timestamp?",
        [
          "test.yaml:10:17: `valid_from` of table 'rates' is 'since', which is timestamp?; declare it as `since: timestamp`"
        ]
      ),
      (
        "key: kind\n    valid_from", "key: since\n    valid_from",
        [
          "test.yaml:10:17: `valid_from` of table 'rates' is its key; name the column that says from when on a row holds"
        ]
      ),
      (
        "max: 1 }", "max: 1, known_after: 7d }",
        [
          "test.yaml:14:38: column 'rate' of table 'rates' has `known_after`, which is for columns of a source; remove it; `valid_from` says from when on a row is known"
        ]
      ),
      (
        "card: int64, limit", "card: int46, limit",
        [
          "test.yaml:6:22: 'int46' is no type of a column; use int64, float64, bool, timestamp, string or decimal(places), with `?` behind it where empty is fine"
        ]
      ),
      (
        "limit: { type", "bound: { type",
        [
          "test.yaml:4:10: 'tables/cards.csv' has no column 'bound'; line 1 names: Card, Limit, Kind, Other; name the columns in the file's first line, or take them out of `columns`",
          "test.yaml:33:36: the table `cards` has no column `limit` in `mean(lookup(cards.limit, card)) over 1d`; its columns are: card, bound, kind",
        ]
      ),
      (
        "  cards:\n", "  my-cards:\n",
        [
          "test.yaml:3:3: 'my-cards' is no name for a table; use letters, digits and '_', a letter first",
          "test.yaml:33:30: there is no table `cards` in `mean(lookup(cards.limit, card)) over 1d`; the tables are: rates",
        ]
      ),
      (
        "{ card: int64, limit: { type: decimal(2), format: money }, kind: { type: string?, null: ['?'] } }", "card",
        [
          "test.yaml:6:14: `columns` of table 'cards' is 'card'; write lines of `name: type`"
        ]
      ),
      (
        "note, at)", "card, at)",
        [
          "test.yaml:36:59: int64 is looked up among the keys of `rates`, which are string in `lookup(cards.limit, card) < lookup(rates.rate, card, at)`; give `lookup` a key of that type, or declare the table's key as int64"
        ]
      ),
      (
        "note, at)", "note)",
        [
          "test.yaml:36:40: the rows of `rates` hold from `since` on, and `lookup` is not told at what time in `lookup(cards.limit, card) < lookup(rates.rate, note)`; write lookup(rates.rate, key, time), with the time of the row"
        ]
      ),
    ]
  )
  func aMistakeIsNamedWithItsPlaceAndRemedy(right: String, wrong: String, expected: [String]) throws {
    #expect(Self.file.contains(right))
    let rates = Self.rates.replacing("\n,2018", with: "\n\"\",2018")
    #expect(try Self.messages({ $0.replacing(right, with: wrong) }, rates: rates) == expected)
  }

  @Test func everyWrongLineOfAFileIsNamed() throws {
    let cards = "card,limit,kind\n5,x,gold\n\n6,1\n7,2,\"a\nb\"\n8,,\n\"9\"x,1,\n10.5,y,z\n"
    #expect(
      try Self.messages(cards: cards) == [
        "test.yaml:4:10: tables/cards.csv:2: column 'limit': 'x' is no amount that fits decimal(2)",
        "test.yaml:4:10: tables/cards.csv:4: 2 fields where the header has 3",
        "test.yaml:4:10: tables/cards.csv:7: column 'limit': empty where the column is not nullable; declare it `decimal(2)?` if that is fine",
        "test.yaml:4:10: tables/cards.csv:8: a quoted field is not closed, or goes on behind its closing quote",
        "test.yaml:4:10: tables/cards.csv:9: column 'card': '10.5' is no whole number of 64 bits",
        "test.yaml:4:10: tables/cards.csv:9: column 'limit': 'y' is no amount that fits decimal(2)",
      ]
      .map { $0 + "; correct the line, or say how the column is read" } + [
        "test.yaml:8:10: tables/rates.csv:4: column 'kind': empty where the column is not nullable; declare it `string?` if that is fine; correct the line, or say how the column is read"
      ]
    )
  }

  @Test func rulesOfColumnsHoldForTables() throws {
    let rates = "Kind of card,since,rate\na,2018-01-01,0.5\na,2018-01-02,1.5\n"
    #expect(
      try Self.messages(rates: rates) == [
        "test.yaml:8:10: tables/rates.csv:3: column 'rate': 1.5 is greater than the column's `max`, 1.0; correct the line, or say how the column is read"
      ]
    )
  }

  @Test func keysThatAreNotUniqueAreNamed() throws {
    let rates = "Kind of card,since,rate\na,2018-01-01,1\nb,2018-01-01,1\na,2018-01-01 00:00:00,0\na,2018-01-02,1\n"
    #expect(
      try Self.messages(cards: "card,limit,kind\n5,1,\n6,1,\n5,1,\n\n5,2,\n", rates: rates) == [
        "test.yaml:4:10: tables/cards.csv:4: the key 5 is that of line 2 too; keep one row of each key, or name in `valid_from` the column that says from when on a row holds",
        "test.yaml:4:10: tables/cards.csv:6: the key 5 is that of line 2 too; keep one row of each key, or name in `valid_from` the column that says from when on a row holds",
        "test.yaml:8:10: tables/rates.csv:4: the key 'a' has a row from 2018-01-01 00:00:00 on in line 2 too; keep one row of each key and time",
      ]
    )
  }

  @Test func manyMistakesAreCounted() throws {
    let rates = Self.rates.replacing("\n,2018", with: "\n\"\",2018")
    let lines = (0..<50).map { "\($0),x,\n" }.joined()
    let messages = try Self.messages(cards: "card,limit,kind\n" + lines, rates: rates)
    #expect(messages.count == 21)
    #expect(messages.last == "test.yaml:4:10: 'tables/cards.csv' has 30 more mistakes; correct these first")
  }

  @Test func explainSaysWhatTablesTake() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path("tables"), withIntermediateDirectories: true)
    try folder.write("tables/cards.csv", Self.cards)
    try folder.write("tables/rates.csv", Self.rates.replacing("\n,2018", with: "\n\"\",2018"))
    try folder.write("data.csv", WrongFileTests.header)
    let path = try folder.write("test.yaml", Self.file)
    let lines = try PipelineCompiler.explain(path: path).explanation.text.split(separator: "\n").map(String.init)
    #expect(lines.contains { $0.hasPrefix("cards: table, 3 rows of 3 keys (card), ") && $0.hasSuffix(" bytes") })
    #expect(lines.contains { $0.hasPrefix("rates: table, 3 rows of 2 keys (kind), each row from since on, ") })
  }
}
