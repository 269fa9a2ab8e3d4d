import Foundation
import TestSupport
import Testing

/// A run writes the files that it is told to and harms no other.
@Suite struct WrittenFilesTests {
  static let rows = BadInputTests.header + "0,2018-04-01 00:00:31,596,3156,57.16,0,0\nbad\n"

  /// A pipeline with its model and input in a folder, and `dead_letters:` where given.
  static func pipeline(in folder: TemporaryFolder, deadLetters: String? = nil, edit: (inout String) -> Void = { _ in })
    throws -> String
  {
    try BadInputTests.pipeline(in: folder, csv: Data(rows.utf8)) {
      if let deadLetters { $0 += "\ndead_letters: \(deadLetters)\n" }
      edit(&$0)
    }
  }

  @Test func aDirectoryNamedForTheDeadLettersStaysWhatItIs() throws {
    let folder = try TemporaryFolder()
    let precious = folder.url.appending(path: "precious")
    try FileManager.default.createDirectory(at: precious, withIntermediateDirectories: true)
    try folder.write("precious/file", "1")
    let path = try Self.pipeline(in: folder, deadLetters: "precious")
    let run = try Program.run("sluice", ["run", path], in: folder)
    #expect(run.status == 2 && run.output == "")
    #expect(run.log.contains("precious': it is a directory\n"), "\(run.log)")
    #expect(try String(contentsOfFile: folder.path("precious/file"), encoding: .utf8) == "1")
    // The default name, which `check` has nothing to say about.
    let other = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: other.path("card-fraud.dead-letters.jsonl"),
      withIntermediateDirectories: true
    )
    let second = try Program.run("sluice", ["run", try Self.pipeline(in: other)], in: other)
    #expect(
      second.status == 2 && second.log.contains("'card-fraud.dead-letters.jsonl': it is a directory"),
      "\(second.log)"
    )
  }

  @Test func aDeviceNamedForTheDeadLettersStaysWhatItIs() throws {
    let folder = try TemporaryFolder()
    let path = try Self.pipeline(in: folder, deadLetters: "/dev/null")
    let run = try Program.run("sluice", ["run", path, "--all"], in: folder)
    #expect(run.status == 0 && Summary(run.log).count("dead letters") == 1, "\(run.log)")
    let facts = try FileManager.default.attributesOfItem(atPath: "/dev/null")
    #expect(facts[.type] as? FileAttributeType == .typeCharacterSpecial)
  }

  @Test func theDeadLettersAreThoseOfThisRunInTheSameFile() throws {
    let folder = try TemporaryFolder()
    let path = try Self.pipeline(in: folder)
    let letters = try folder.write("card-fraud.dead-letters.jsonl", "old\n")
    try FileManager.default.linkItem(atPath: letters, toPath: folder.path("link"))
    #expect(try Program.run("sluice", ["run", path], in: folder).status == 0)
    let text = try String(contentsOfFile: folder.path("link"), encoding: .utf8)
    #expect(text.hasPrefix("{") && text.split(separator: "\n").count == 1, "\(text)")
  }

  @Test(arguments: ["in.csv", "./in.csv", "link.csv", "hard.csv", "pipeline.yaml", "model.json"])
  func whatIsReadIsNeverOverwritten(name: String) throws {
    for isOutput in [true, false] {
      let folder = try TemporaryFolder()
      let path = try Self.pipeline(in: folder, deadLetters: isOutput ? nil : name)
      try FileManager.default.createSymbolicLink(atPath: folder.path("link.csv"), withDestinationPath: "in.csv")
      try FileManager.default.linkItem(atPath: folder.path("in.csv"), toPath: folder.path("hard.csv"))
      let before = try Data(contentsOf: folder.url.appending(path: name))
      let run = try Program.run("sluice", ["run", path] + (isOutput ? ["--output", name] : []), in: folder)
      #expect(run.status == 2 && run.output == "")
      let start = isOutput ? "the results would overwrite the " : "the dead letters would overwrite the "
      #expect(run.log.contains(start), "\(run.log)")
      #expect(try Data(contentsOf: folder.url.appending(path: name)) == before)
    }
  }

  @Test func resultsAndDeadLettersAreTwoFiles() throws {
    let folder = try TemporaryFolder()
    let path = try Self.pipeline(in: folder, deadLetters: "out.jsonl")
    let run = try Program.run("sluice", ["run", path, "--output", "\(folder.url.path)/./out.jsonl"], in: folder)
    #expect(run.status == 2)
    #expect(run.log.contains("the dead letters would overwrite the results"), "\(run.log)")
    #expect(!FileManager.default.fileExists(atPath: folder.path("out.jsonl")))
  }

  @Test func anInputOptionIsNeverOverwrittenByTheDefaultDeadLetters() throws {
    let folder = try TemporaryFolder()
    let path = try Self.pipeline(in: folder)
    try folder.write("card-fraud.dead-letters.jsonl", Self.rows)
    let run = try Program.run("sluice", ["run", path, "--input", "card-fraud.dead-letters.jsonl"], in: folder)
    #expect(run.status == 2)
    #expect(try String(contentsOfFile: folder.path("card-fraud.dead-letters.jsonl"), encoding: .utf8) == Self.rows)
  }

  @Test(arguments: ["/nowhere/out.jsonl", ".", "", "in.csv/out", "new/"])
  func aPlaceThatCannotBeWrittenIsFoundBeforeTheStart(output: String) throws {
    let folder = try TemporaryFolder()
    let run = try Program.run("sluice", ["run", try Self.pipeline(in: folder), "--output", output], in: folder)
    #expect(run.status == 2 && run.output == "")
    #expect(run.log.hasPrefix("cannot write the results to '\(output)': "), "\(run.log)")
    #expect(run.log.hasSuffix("; give --output the path of another file\n"), "\(run.log)")
  }

  @Test func pathsInTheFileAreBesideTheFile() throws {
    let folder = try TemporaryFolder()
    let path = try Self.pipeline(in: folder, deadLetters: "letters.jsonl") {
      $0 = $0.replacingOccurrences(of: "stdout: jsonl", with: "file: out.csv")
    }
    let elsewhere = try TemporaryFolder()
    let run = try Program.run("sluice", ["run", path, "--all", "--columns", "transaction_id"], in: elsewhere)
    #expect(run.status == 0, "\(run.log)")
    #expect(try String(contentsOfFile: folder.path("out.csv"), encoding: .utf8) == "transaction_id\n0\n")
    #expect(try String(contentsOfFile: folder.path("letters.jsonl"), encoding: .utf8).hasPrefix("{"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere.url.path).isEmpty)
  }
}
