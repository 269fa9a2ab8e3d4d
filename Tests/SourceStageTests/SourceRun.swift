import Dataflow
import Foundation
import Records
import SourceStage
import TestSupport

/// Runs a source over an input that comes in pieces, and keeps what it leaves.
struct SourceRun {
  private(set) var rows: [Row] = []
  private(set) var arrivals: [Int64] = []
  private(set) var letters: [DeadLetterLine] = []
  private(set) var counters = RowCounters()
  /// How many rows stood before each cut.
  private(set) var cuts: [Int] = []

  /// What of an input comes next.
  enum Supply {
    /// Bytes of a file, wherever they end.
    case bytes(count: Int)
    /// So many whole messages.
    case messages(count: Int)
  }

  /// Reads CSV.
  ///
  /// - Parameter piece: how many bytes come next.
  init(_ plan: SourcePlan, _ bytes: [UInt8], piece: () -> Int = { 1 << 18 }) throws {
    var source = CSVSource(plan)
    try run(&source, [bytes]) { .bytes(count: piece()) }
  }

  /// Reads JSON objects.
  init(json plan: SourcePlan, _ bytes: [UInt8], clockOffset: Int64 = 0, piece: () -> Int = { 1 << 18 }) throws {
    var source = JSONSource(plan, clockOffset: clockOffset)
    try run(&source, [bytes]) { .bytes(count: piece()) }
  }

  /// Reads Protobuf messages, each behind its length.
  init(protobuf plan: SourcePlan, _ bytes: [UInt8], piece: () -> Int = { 1 << 18 }) throws {
    var source = ProtobufSource(plan)
    try run(&source, [bytes]) { .bytes(count: piece()) }
  }

  /// Reads Protobuf messages as they are.
  init(protobufMessages messages: [[UInt8]], _ plan: SourcePlan, together: () -> Int = { 1 }) throws {
    var source = ProtobufSource(plan)
    try run(&source, messages) { .messages(count: together()) }
  }

  /// Reads messages, of the format that the plan says.
  init(messages: [String], _ plan: SourcePlan, together: () -> Int = { 1 }) throws {
    let inputs = messages.map { Array($0.utf8) }
    if plan.format == .csv {
      var source = CSVSource(plan)
      try run(&source, inputs) { .messages(count: together()) }
    } else {
      var source = JSONSource(plan, clockOffset: 0)
      try run(&source, inputs) { .messages(count: together()) }
    }
  }

  private mutating func run<Source: SourceLogic & ~Copyable>(
    _ source: inout Source,
    _ inputs: [[UInt8]],
    next: () -> Supply
  ) throws {
    var rest = inputs[...]
    var offset = 0
    try drive(&source) { (source) throws(StageFailure) in
      guard let first = rest.first else {
        try source.endInput()
        return
      }
      switch next() {
      case .bytes(let count):
        let end = min(offset + max(count, 1), first.count)
        if end > offset { try source.supply(first.span.extracting(offset..<end)) }
        offset = end
        if end == first.count { rest = [] }
      case .messages(let count):
        for message in rest.prefix(count) {
          try source.supply(message.span)
          source.endMessage()
        }
        rest = rest.dropFirst(count)
      }
    }
  }

  /// Steps a source to its end.
  private mutating func drive<Source: SourceLogic & ~Copyable>(
    _ source: inout Source,
    supply: (inout Source) throws(StageFailure) -> Void
  ) throws {
    var effects = StageEffects()
    var watermark = Position.first
    while true {
      let step = try source.step(now: 0, into: &effects)
      precondition(effects.watermark >= watermark, "a watermark goes back")
      let batches = effects.rows.map { $0.assembled() }
      effects.rows.removeAll()
      for batch in batches {
        precondition(batch.positions[0] > watermark, "a row comes behind its watermark")
        rows += batch.rows
        if let column = batch.arrivals { for row in 0..<batch.rowCount { arrivals.append(column.int64(row)) } }
      }
      if let last = batches.last {
        precondition(last.positions[last.rowCount - 1] <= effects.watermark, "a row is ahead of its watermark")
      }
      watermark = effects.watermark
      if effects.barrier != nil { cuts.append(rows.count) }
      effects.barrier = nil
      switch step {
      case .needsInput: try supply(&source)
      case .waiting: preconditionFailure("nothing is paced here")
      case .working: break
      case .finished:
        counters = effects.counters
        letters = effects.deadLetters.text.split(separator: "\n").compactMap {
          try? JSONDecoder().decode(DeadLetterLine.self, from: Data($0.utf8))
        }
        return
      }
    }
  }
}

struct DeadLetterLine: Codable, Hashable {
  let source: String
  let line: Int
  let byteOffset: Int
  let field: String?
  let reason: String
  let raw: String?
  let rawBase64: String?

  enum CodingKeys: String, CodingKey {
    case source, line, field, reason, raw
    case byteOffset = "byte_offset"
    case rawBase64 = "raw_base64"
  }
}
