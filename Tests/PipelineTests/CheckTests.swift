import Foundation
import TestSupport
import Testing

/// How `check` and `run` tell of mistakes and warnings.
@Suite struct CheckTests {
  static let file = """
    pipeline: small
    dead_letters: letters.jsonl
    lists: { unused: [a] }
    stages:
      in:
        source: { csv: data.csv, time: at, columns: { at: timestamp, card: int64 } }
      out:
        from: in
        where: true
        sink: { stdout: csv }
    """

  private static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("good.yaml", file)
    try folder.write("bad.yaml", file.replacing("where: true", with: "where: crad > 1\n    order: no"))
    try folder.write("data.csv", "at,card\n2026-03-01,5\n")
    return folder
  }

  @Test func warningsAreCountedAndChangeNoExitCode() throws {
    let run = try Program.run("sluice", ["check", "good.yaml"], in: Self.folder())
    #expect(run.status == 0)
    #expect(run.output == "good.yaml: small is fine, with 2 warnings: in -> out\n")
    #expect(
      run.log == """
        good.yaml:3:10: warning: nothing looks into the list 'unused'
         3 | lists: { unused: [a] }
           |          ^^^^^^
           = use it, as in `x in unused`, or remove it

        good.yaml:9:12: warning: the `where` of stage 'out' holds for every row
         9 |     where: true
           |            ^^^^
           = remove it, or name a column in it

        """
    )
  }

  @Test func everyFileIsCheckedAndItsMistakesCounted() throws {
    let run = try Program.run("sluice", ["check", "bad.yaml", "good.yaml"], in: Self.folder())
    #expect(run.status == 2)
    #expect(run.output == "good.yaml: small is fine, with 2 warnings: in -> out\n")
    #expect(run.log.contains("did you mean `card`?\n") && run.log.contains("\nbad.yaml: 2 mistakes\n"), "\(run.log)")
  }

  @Test func aRunShowsWarningsAndGoesOn() throws {
    let run = try Program.run("sluice", ["run", "good.yaml"], in: Self.folder())
    #expect(run.status == 0 && run.output == "at,card\n2026-03-01 00:00:00,5\n", "\(run.output)")
    #expect(run.log.hasPrefix("good.yaml:3:10: warning: nothing looks into the list 'unused'\n"), "\(run.log)")
  }
}
