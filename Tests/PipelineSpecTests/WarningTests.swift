import Foundation
import PipelineSpec
import TestSupport
import Testing

/// What can run and is probably not what was meant, each with the whole text that `check` shows.
@Suite struct WarningTests {
  static let file = """
    pipeline: test
    lists:
      vip: [a, b]
    tables:
      cards: { csv: cards.csv, key: card, columns: { card: int64, kind: string } }
    stages:
      in:
        source:
          csv: data.csv
          time: at
          columns:
            at: timestamp
            card: int64
            amount: decimal(2)
            note: string?
            day: { type: 'timestamp?', from: [date, hour], format: YYYY-MM-DD HH:MM }
        compute:
          is_vip: coalesce(note, '') in vip
          twice: amount * 2
      window:
        from: in
        where: amount > 0
        window:
          key: card
          features:
            count_1d: count over 1d
            sum_1d: sum(twice) over 1d else 0
      score:
        from: window
        score:
          match: first
          rules:
            many: count_1d > 10 or is_vip
            gold: lookup(cards.kind, card) = 'gold'
            other: { when: true, weight: 0.1 }
      out:
        from: score
        sink: { stdout: jsonl, columns: [card, sum_1d, score] }
    """

  static func warnings(
    _ edit: (String) -> String = { $0 },
    header: String = "at,card,amount,note,date,hour",
    options: RunOptions = RunOptions()
  ) throws -> String {
    let folder = try TemporaryFolder()
    try folder.write("data.csv", header + "\n")
    try folder.write("cards.csv", "card,kind\n1,gold\n")
    let path = try folder.write("test.yaml", edit(file))
    let report = try PipelineCompiler.check(path: path, options: options).warnings
    #expect(report.mistakeCount == 0 && report.warningCount == report.diagnostics.count)
    return report.excerpts.replacing(folder.url.path + "/", with: "")
  }

  @Test func nothingIsSaidOfWhatIsFine() throws { #expect(try Self.warnings() == "") }

  // MARK: Columns that the input lacks

  @Test func aColumnThatTheInputLacksIsNamedWithTheNearestThere() throws {
    #expect(
      try Self.warnings(header: "at,card,amount,notes,date,hour") == """
        test.yaml:15:9: warning: 'data.csv' has no column 'note', so 'note' is null in every row
         15 |         note: string?
            |         ^^^^
            = did you mean 'notes'?
        """
    )
    #expect(
      try Self.warnings(header: "at,card,amount,note") == """
        test.yaml:16:9: warning: 'data.csv' has no column 'date', 'hour', so 'day' is null in every row
         16 |         day: { type: 'timestamp?', from: [date, hour], format: YYYY-MM-DD HH:MM }
            |         ^^^
            = remove it, or say that it may be missing: `day: { type: timestamp?, optional: true }`
        """
    )
  }

  @Test func aColumnThatMayBeMissingIsNot() throws {
    let file = { (text: String) in
      text.replacing("note: string?", with: "note: { type: string?, optional: true }")
    }
    #expect(try Self.warnings(file, header: "AT,Card,amount,notes,date,hour") == "")
  }

  @Test func aTableLacksColumnsToo() throws {
    #expect(
      try Self.warnings { $0.replacing("kind: string }", with: "kind: string, kinds: string? }") }
        == """
        test.yaml:5:62: warning: 'cards.csv' has no column 'kinds', so 'kinds' is null in every row
         5 |   cards: { csv: cards.csv, key: card, columns: { card: int64, kind: string, kinds: string? } }
           |                                                                             ^^^^^
           = remove it, or say that it may be missing: `kinds: { type: string?, optional: true }`
        """.replacing("5:62", with: "5:77")
    )
  }

  @Test func aColumnThatMayBeMissingIsNullable() throws {
    let folder = try TemporaryFolder()
    try folder.write("data.csv", "at,card,amount,note,date,hour\n")
    try folder.write("cards.csv", "card,kind\n")
    let text = Self.file.replacing("amount: decimal(2)", with: "amount: { type: decimal(2), optional: true }")
    let path = try folder.write("test.yaml", text)
    let error = #expect(throws: PipelineFileError.self) { try PipelineCompiler.check(path: path) }
    #expect(
      error?.description.replacing(folder.url.path + "/", with: "")
        == "test.yaml:14:47: column 'amount' may be missing and is not nullable; declare it as decimal(2)?"
    )
  }

  // MARK: What nothing uses

  @Test func listsAndTablesThatNothingUsesAreNamed() throws {
    let edit = { (text: String) in
      text.replacing(" in vip", with: " in ('a', 'b')").replacing("lookup(cards.kind, card)", with: "note")
    }
    #expect(
      try Self.warnings(edit) == """
        test.yaml:3:3: warning: nothing looks into the list 'vip'
         3 |   vip: [a, b]
           |   ^^^
           = use it, as in `x in vip`, or remove it

        test.yaml:5:3: warning: nothing is looked up in the table 'cards'
         5 |   cards: { csv: cards.csv, key: card, columns: { card: int64, kind: string } }
           |   ^^^^^
           = use it, as in `lookup(cards.column, key)`, or remove it
        """
    )
  }

  @Test func columnsThatNothingReadsOrShowsAreNamed() throws {
    let edit = { (text: String) in
      text.replacing("count_1d > 10 or is_vip", with: "amount > 10").replacing("sum_1d, score]", with: "score]")
    }
    let expected = """
      test.yaml:18:7: warning: nothing reads the computed column 'is_vip', and no sink shows it
       18 |       is_vip: coalesce(note, '') in vip
          |       ^^^^^^
          = use it, name it in the `columns` of a sink, or remove it

      test.yaml:26:9: warning: nothing reads the feature 'count_1d', and no sink shows it
       26 |         count_1d: count over 1d
          |         ^^^^^^^^
          = use it, name it in the `columns` of a sink, or remove it

      test.yaml:27:9: warning: nothing reads the feature 'sum_1d', and no sink shows it
       27 |         sum_1d: sum(twice) over 1d else 0
          |         ^^^^^^
          = use it, name it in the `columns` of a sink, or remove it
      """
    #expect(try Self.warnings(edit) == expected)
    // A sink that lists none shows all, and --columns says what the file does not.
    #expect(try Self.warnings { edit($0).replacing(", columns: [card, score]", with: "") } == "")
    var options = RunOptions()
    options.columns = ["card"]
    #expect(try Self.warnings(edit, options: options) == "")
  }

  // MARK: What is said twice, or says nothing

  @Test func featuresThatAreTheSameAreNamed() throws {
    let more = "count_1d: count over 1d\n        again: count   over  24h\n        other: count over 1d left closed"
    #expect(
      try Self.warnings {
        $0.replacing("count_1d: count over 1d", with: more).replacing("[card,", with: "[again, other,")
      } == """
        test.yaml:27:9: warning: the feature 'again' is the same as 'count_1d': count over 1d
         27 |         again: count   over  24h
            |         ^^^^^
            = remove one of them, or correct it
        """
    )
  }

  @Test func conditionsThatAreConstantAreNamed() throws {
    #expect(
      try Self.warnings {
        $0.replacing("where: amount > 0", with: "where: 1 > 0").replacing(
          "count_1d > 10 or is_vip",
          with: "3 in (4, 5)"
        )
        .replacing("match: first", with: "match: all").replacing("[card,", with: "[count_1d, is_vip,")
      } == """
        test.yaml:22:12: warning: the `where` of stage 'window' holds for every row
         22 |     where: 1 > 0
            |            ^^^^^
            = remove it, or name a column in it

        test.yaml:33:15: warning: rule 'many' holds for no row
         33 |         many: 3 in (4, 5)
            |               ^^^^^^^^^^^
            = name a column in it, or remove the rule

        test.yaml:35:24: warning: rule 'other' holds for every row
         35 |         other: { when: true, weight: 0.1 }
            |                        ^^^^
            = name a column in it, or remove the rule
        """
    )
  }

  @Test func aConditionThatNeverHoldsSaysSo() throws {
    #expect(
      try Self.warnings { $0.replacing("where: amount > 0", with: "where: 1 / 0 > 0") } == """
        test.yaml:22:12: warning: the `where` of stage 'window' holds for no row
         22 |     where: 1 / 0 > 0
            |            ^^^^^^^^^
            = name a column in it: no row comes further
        """
    )
  }
}
