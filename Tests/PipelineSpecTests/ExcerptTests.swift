import Foundation
import PipelineSpec
import TestSupport
import Testing

/// What `check` shows of a mistake: the line of the file with a mark below the place.
@Suite struct ExcerptTests {
  private static func excerpts(_ edit: (String) -> String) throws -> String {
    let folder = try TemporaryFolder()
    let path = try folder.write("test.yaml", edit(WrongFileTests.file))
    try folder.write("data.csv", WrongFileTests.header)
    do throws(PipelineFileError) {
      _ = try PipelineCompiler.compile(path: path)
      return ""
    } catch {
      return error.report.excerpts.replacing(folder.url.path + "/", with: "")
    }
  }

  @Test func aMistakeIsMarkedInItsLine() throws {
    #expect(
      try Self.excerpts { $0.replacing("mean(amount)", with: "mean(amuont)").replacing("jsonl", with: "xml") } == """
        test.yaml:20:23: error: there is no column `amuont` in `mean(amuont) over 1d`
         20 |         mean_1d: mean(amuont) over 1d
            |                       ^^^^^^
            = did you mean `amount`?

        test.yaml:25:15: error: `stdout` is 'xml'
         25 |       stdout: xml
            |               ^^^
            = use one of: jsonl, csv, table
        """
    )
  }

  @Test func placesAreCountedInCharacters() throws {
    #expect(
      try Self.excerpts { $0.replacing("where: amount > 1", with: "where: note != 'Größe' and amont > 1") } == """
        test.yaml:23:32: error: there is no column `amont` in `note != 'Größe' and amont > 1`
         23 |     where: note != 'Größe' and amont > 1
            |                                ^^^^^
            = did you mean `amount`?
        """
    )
  }

  @Test func aTextOfSeveralLinesIsMarkedWhereItBegins() throws {
    #expect(
      try Self.excerpts { $0.replacing("where: amount > 1", with: "where: |\n      amount > 1\n      or amont > 2") }
        == """
        test.yaml:23:12: error: there is no column `amont` in `amount > 1\\nor amont > 2`
         23 |     where: |
            |            ^
            = did you mean `amount`?
        """
    )
  }

  @Test func controlCharactersAreSpelledOutAboveTheMark() throws {
    #expect(
      try Self.excerpts { $0.replacing("where: amount > 1", with: "where: \"amount >\\t$\" #\t.") } == """
        test.yaml:23:22: error: `$` means nothing here in `amount >\\t$`
         23 |     where: "amount >\\t$" #\\t.
            |                      ^
            = use names, numbers, 'texts', operators and parentheses
        """
    )
  }
}
