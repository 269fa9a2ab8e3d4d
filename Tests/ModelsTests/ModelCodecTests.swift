import Models
import Testing

@Suite struct ModelCodecTests {
  private static func models(_ draws: inout Draws) throws -> [ScoringModel] {
    let trees = (0..<7).map { _ in randomTree(&draws, featureCount: 5, splits: 20, hasCovers: true) }
    let double = (0..<3).map { _ in randomTree(&draws, featureCount: 5, splits: 9, precision: .double) }
    let terms: [AdditiveModel.Term] = [
      .weight(1, missing: 2), .bins(bounds: [1, 2], values: [3, 4, 5], missing: 6), .weight(0.5, missing: 0),
      .bins(bounds: [], values: [1], missing: 0), .weight(-1, missing: 3),
    ]
    return [
      try ScoringModel(trees: trees, featureCount: 5, baseMargin: -0.5, output: .probability),
      try ScoringModel(
        trees: double,
        featureCount: 5,
        precision: .double,
        averages: true,
        output: .logistic(steepness: 0.5)
      ),
      try ScoringModel(AdditiveModel(start: 0.25, terms: terms), output: .exponential),
      try ScoringModel(trees: [], featureCount: 5, baseMargin: -0.5, output: .margin),
      try ScoringModel(weights: [1, 2, 3, 4, 5], bias: 0.5, baseMargin: 0.1, output: .probability),
    ]
  }

  private static func encoded(_ model: ScoringModel) -> [UInt8] {
    var bytes: [UInt8] = []
    model.encode(into: &bytes)
    return bytes
  }

  @Test(arguments: 0..<10) func whatIsDecodedScoresTheSame(seed: UInt64) throws {
    var draws = Draws(seed: seed)
    let rows = (0..<70 * 5).map { _ in draws.value() }
    for model in try Self.models(&draws) {
      let bytes = Self.encoded(model)
      let copy = try ScoringModel(decoding: bytes)
      #expect(Self.encoded(copy) == bytes, "seed \(seed)")
      #expect(scores(copy, rows).map(\.bitPattern) == scores(model, rows).map(\.bitPattern), "seed \(seed)")
    }
  }

  @Test func everyCutAndEveryAdditionIsRefused() throws {
    var draws = Draws(seed: 1)
    for model in try Self.models(&draws) {
      let bytes = Self.encoded(model)
      for length in 0..<bytes.count {
        #expect(throws: MalformedModel.self, "length \(length)") { try ScoringModel(decoding: Array(bytes[..<length])) }
      }
      #expect(throws: MalformedModel.self) { try ScoringModel(decoding: bytes + [0]) }
    }
  }

  @Test(arguments: 0..<40) func mutatedBytesAreRefusedOrCanBeScored(seed: UInt64) throws {
    var draws = Draws(seed: seed)
    let models = try Self.models(&draws)
    var accepted = 0
    for round in 0..<250 {
      var bytes = Self.encoded(models[round % models.count])
      for _ in 0...draws.below(4) {
        let place = draws.below(bytes.count)
        switch draws.below(4) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: draws.next())
        case 1: bytes[place] ^= 1 << UInt8(draws.below(8))
        case 2: bytes[place] = 0xFF
        default: bytes.remove(at: place)
        }
      }
      guard let model = try? ScoringModel(decoding: bytes) else { continue }
      accepted += 1
      let rows = (0..<9 * model.featureCount).map { _ in draws.value() }
      #expect(scores(model, rows).count == 9, "seed \(seed)")
    }
    #expect(accepted > 0, "seed \(seed)")
  }

  @Test func anErrorSaysWhatWasExpected() {
    #expect { try ScoringModel(decoding: [1, 2, 3, 4]) } throws: {
      "\($0)" == "malformed model: expected a model at byte 4"
    }
  }
}
