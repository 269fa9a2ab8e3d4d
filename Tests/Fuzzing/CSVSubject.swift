import Dataflow
import Records
import SourceStage
import TestSupport

/// A CSV file in two pieces: the first byte says how it is read, the next two where it is cut. The cut changes nothing.
enum CSVSubject {
  static let schema = Schema([
    Field("id", .int64), Field("at", .timestamp), Field("amount", .decimal(scale: 2)),
    Field("note", .string, nullable: true), Field("risk", .float64, nullable: true), Field("ok", .bool, nullable: true),
  ])

  /// Columns that say how they are written, one of them from two fields, another with rules.
  static var readings: [ColumnReading]? {
    guard let pattern = try? TimePattern("YYYY-MM-DD HH:MM:SS.F") else { return nil }
    var at = ColumnReading("at", format: .pattern(pattern))
    at.inputs.append(InputColumn("more"))
    return [
      ColumnReading("id", format: .number, rules: ColumnRules(least: .int(-5), greatest: .int(1_000_000))), at,
      ColumnReading("amount", format: .money, isUnquoted: true, rules: ColumnRules(allowed: [.int(0), .int(250)])),
      ColumnReading("note", nulls: ["", "NA"], isUnquoted: true, rules: ColumnRules(longest: 3)),
      ColumnReading("risk", format: .number, rules: ColumnRules(greatest: .float(0.5))),
      ColumnReading("ok", format: .words(true: ["yes", "y"], false: ["no"])),
    ]
  }

  static func read(_ bytes: [UInt8]) {
    guard bytes.count >= 3 else { return }
    let (choices, text) = (bytes[0], Array(bytes[3...]))
    let plan = SourcePlan(
      schema: schema,
      readings: choices & 32 != 0 ? readings : nil,
      timeColumn: 1,
      source: 0,
      input: .file(path: "in.csv"),
      speed: choices & 1 != 0 ? 1e9 : nil,
      limit: choices & 2 != 0 ? 3 : nil,
      latePolicy: choices & 4 != 0 ? .drop : .deadLetter,
      errorPolicy: choices & 8 != 0 ? .fail : .deadLetter,
      longestLine: choices & 16 != 0 ? 40 : 1 << 20
    )
    _ = CSVHeader.check(firstBytes: text, isAll: true, shape: plan.shape, inputName: "in.csv")
    let cut = min(Int(bytes[1]) << 8 | Int(bytes[2]), text.count)
    let pieces = [Array(text[..<cut]), Array(text[cut...])]
    let (whole, parts) = (SourceResult(CSVSource(plan), [text]), SourceResult(CSVSource(plan), pieces))
    Subject.require(whole == parts, "a source does not see how its input is cut")
  }
}
