import Dataflow
import Foundation
import Records
import TestSupport

/// A source of which every step, every piece of input and the time are in the test's hands.
final class SteppedSource<Source: SourceLogic & ~Copyable> {
  var source: Source
  private let input: InputPieces
  /// Bytes or messages that have been supplied.
  private var at: Int
  private var effects = StageEffects()
  private(set) var rows: [Row] = []
  private(set) var arrivals: [Int64] = []
  private(set) var lastStep = SourceStep.working
  /// The cuts of micro-batches with the rows before each.
  private(set) var cuts: [(number: UInt64, rows: Int)] = []
  /// The checkpoints whose barriers have been left.
  private(set) var checkpoints: [UInt64] = []

  init(_ source: consuming Source, _ input: InputPieces) {
    self.source = source
    self.input = input
    at = 0
  }

  /// Goes on from a saved state.
  init(_ source: consuming Source, _ input: InputPieces, from state: [UInt8]) throws {
    self.source = source
    self.input = input
    at = 0
    at = Int(clamping: try self.source.restore(state, keepsSchedule: false))
  }

  var isFinished: Bool { lastStep == .finished }
  var counters: RowCounters { effects.counters }

  var letters: [DeadLetterLine] {
    effects.deadLetters.text.split(separator: "\n").compactMap {
      try? JSONDecoder().decode(DeadLetterLine.self, from: Data($0.utf8))
    }
  }

  /// - Parameter most: bytes or messages of the next piece of input; 0: none comes.
  @discardableResult
  func step(now: Int64 = 0, supplying most: Int) throws -> SourceStep {
    let before = effects.watermark
    lastStep = try source.step(now: now, into: &effects)
    precondition(effects.watermark >= before, "a watermark goes back")
    for batch in effects.rows.map({ $0.assembled() }) {
      precondition(batch.positions[0] > before, "a row comes behind its watermark")
      rows += batch.rows
      if let column = batch.arrivals { for row in 0..<batch.rowCount { arrivals.append(column.int64(row)) } }
    }
    effects.rows.removeAll()
    switch effects.barrier {
    case .cut(let number)?: cuts.append((number, rows.count))
    case .checkpoint(let number)?: checkpoints.append(number)
    case nil: break
    }
    effects.barrier = nil
    if lastStep == .needsInput, most > 0 { try supply(most) }
    return lastStep
  }

  private func supply(_ most: Int) throws {
    switch input {
    case .bytes(let bytes):
      guard at < bytes.count else { return try source.endInput() }
      let end = min(at + most, bytes.count)
      try source.supply(bytes.span.extracting(at..<end))
      at = end
    case .messages(let messages):
      guard at < messages.count else { return try source.endInput() }
      for message in messages[at...].prefix(most) {
        try source.supply(message.span)
        source.endMessage()
        at += 1
      }
    }
  }
}

/// An input as it comes.
enum InputPieces {
  case bytes([UInt8])
  case messages([[UInt8]])
}
