internal import Backtest
internal import Foundation
internal import Metrics

/// A backtest as one JSON object, for other programs: every figure with all its digits.
struct BacktestJSON: Encodable {
  private let days: [Day]
  private let reasons: [Reason]
  private let pipelines: [Pipeline]
  private let newlyFlagged: Change?
  private let noLongerFlagged: Change?

  init(_ result: BacktestResult) {
    pipelines = result.sides.map(Pipeline.init)
    newlyFlagged = result.comparison.map { Change($0.newly) }
    noLongerFlagged = result.comparison.map { Change($0.noLonger) }
    days = result.comparison?.days.map(Day.init) ?? []
    let isPair = result.old != nil
    reasons = result.reasons.map { Reason($0, isPair: isPair) }
  }

  func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  private struct Change: Encodable {
    let rows: Int64
    let frauds: Int64

    init(_ change: Comparison.Change) { (rows, frauds) = (change.rows, change.frauds) }
  }

  private struct Day: Encodable {
    let day: String
    let newlyFlagged: Change
    let noLongerFlagged: Change

    init(_ day: Comparison.Day) {
      self.day = Words.date(day.day)
      newlyFlagged = Change(day.newly)
      noLongerFlagged = Change(day.noLonger)
    }
  }

  private struct Reason: Encodable {
    let reason: String
    let old: Change?
    let new: Change
    let newlyFlagged: Change?
    let noLongerFlagged: Change?

    init(_ reason: Comparison.Reason, isPair: Bool) {
      self.reason = reason.text
      old = isPair ? Change(reason.old) : nil
      new = Change(reason.new)
      newlyFlagged = isPair ? Change(reason.newly) : nil
      noLongerFlagged = isPair ? Change(reason.noLonger) : nil
    }
  }

  /// The fate of rows: of all, or of those of a day.
  private struct Fate: Encodable {
    let labelledRows: Int64
    let frauds: Int64
    let caught: Int64
    let falsePositives: Int64
    let precision: Double?
    let recall: Double?
    let fraudValue: Double?
    let caughtValue: Double?

    init(_ confusion: Confusion, _ side: BacktestResult.Side) {
      labelledRows = confusion.rows
      frauds = confusion.frauds
      caught = confusion.caught
      falsePositives = confusion.falsePositives
      precision = confusion.precision
      recall = confusion.recall
      fraudValue = side.value(confusion.fraudValue)
      caughtValue = side.value(confusion.caughtValue)
    }
  }

  private struct PipelineDay: Encodable {
    let day: String
    let rows: Int64
    let flagged: Int64
    let labelled: Fate
    let cardsFound: Int?
    let cardsCompromised: Int?

    init(_ day: Rating.Day, _ side: BacktestResult.Side) {
      self.day = Words.date(day.day)
      rows = day.rows
      flagged = day.flagged
      labelled = Fate(day.confusion, side)
      cardsFound = day.cards?.found
      cardsCompromised = day.cards?.compromised
    }
  }

  private struct Pipeline: Encodable {
    let pipeline: String
    let rows: Int64
    let rowsBefore: Int64
    let rowsOfKnownCards: Int64
    let flagged: Int64
    let labelled: Fate
    let aucRoc: Double?
    let averagePrecision: Double?
    let cardPrecision: Double?
    let cardPrecisionPossible: Double?
    let cardPrecisionK: Int?
    let cost: Double?
    let bestThreshold: Double?
    let bestCost: Double?
    let days: [PipelineDay]

    init(_ side: BacktestResult.Side) {
      let rating = side.rating
      pipeline = side.name
      rows = side.rows
      rowsBefore = side.before
      rowsOfKnownCards = side.blocked
      flagged = rating.flagged
      labelled = Fate(rating.confusion, side)
      aucRoc = rating.curve.quality?.areaUnderROC
      averagePrecision = rating.curve.quality?.averagePrecision
      cardPrecision = rating.cards?.precision
      cardPrecisionPossible = rating.cards?.possible
      cardPrecisionK = rating.cards?.k
      cost = rating.costs?.own
      bestThreshold = rating.costs?.bestThreshold
      bestCost = rating.costs?.least
      days = rating.days.map { PipelineDay($0, side) }
    }
  }
}
