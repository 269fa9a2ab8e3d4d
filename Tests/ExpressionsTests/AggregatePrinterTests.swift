import Expressions
import Records
import TestSupport
import Testing

/// Random features, printed and read again.
@Suite struct AggregatePrinterTests {
  @Test func whatIsPrintedReadsAsTheSame() throws {
    for seed in Seeds.range(3000) {
      var random = SeededRandom(seed: seed)
      let feature = AggregateSyntax.random(&random)
      let text = feature.text
      let read = try AggregateSyntax.parse(text)
      #expect(read == feature && read.text == text, "seed \(seed): \(text)")
    }
  }

  /// A text with a word gone, doubled or moved is read or refused, and what is refused lies in the text.
  @Test func mistakesLieInTheText() {
    for seed in Seeds.range(3000) {
      var random = SeededRandom(seed: seed)
      var words = AggregateSyntax.random(&random).text.split(separator: " ")
      for _ in 0..<Int.random(in: 1...3, using: &random) where !words.isEmpty {
        let place = Int.random(in: words.indices, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: words.remove(at: place)
        case 1: words.insert(words[place], at: place)
        default: words.swapAt(place, Int.random(in: words.indices, using: &random))
        }
      }
      let text = words.joined(separator: " ")
      do throws(ExpressionError) {
        _ = try Aggregate.compile(text, schema: AggregateTests.schema)
      } catch {
        #expect(error.offset >= 0 && error.length >= 0 && error.offset + error.length <= text.utf8.count, "\(text)")
        #expect(!error.message.isEmpty && !error.remedy.isEmpty, "\(text)")
      }
    }
  }
}

extension AggregateSyntax {
  /// Any feature that the grammar has, whether or not its parts go together.
  static func random(_ random: inout SeededRandom) -> AggregateSyntax {
    var feature = AggregateSyntax(AggregateFunction.allCases.randomElement(using: &random) ?? .count)
    switch feature.function.value {
    case .count: if random.chance(oneIn: 2) { feature.arguments = [.random(&random)] }
    case .timeSinceLast, .rate, .decayedCount: break
    case .speed: feature.arguments = [.random(&random), .random(&random)]
    case .sequence:
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        feature.arguments.append(.random(&random))
        feature.times.append(Placed(random.chance(oneIn: 2) ? 1 : Int.random(in: 0...70, using: &random)))
      }
    case .quantile:
      feature.arguments = [.random(&random)]
      feature.fraction = Placed(["0", "0.5", "1", "-0.25", "1e-3"].randomElement(using: &random) ?? "0.95")
    case .distinct:
      feature.arguments = [.random(&random)]
      if random.chance(oneIn: 2) { feature.exact = Placed(Int.random(in: 0...200_000, using: &random)) }
    default: feature.arguments = [.random(&random)]
    }
    switch Int.random(in: 0..<3, using: &random) {
    case 0: feature.over = Placed(.time(duration(&random)))
    case 1: feature.over = Placed(.rows(Int.random(in: 0...2_000_000, using: &random)))
    default: break
    }
    if random.chance(oneIn: 4) { feature.halfLife = Placed(duration(&random)) }
    if random.chance(oneIn: 3) { feature.delay = Placed(duration(&random)) }
    if random.chance(oneIn: 3) { feature.resolution = Placed(duration(&random)) }
    if random.chance(oneIn: 3) { feature.newest = Newest.allCases.randomElement(using: &random).map { Placed($0) } }
    if random.chance(oneIn: 3) { feature.left = LeftEdge.allCases.randomElement(using: &random).map { Placed($0) } }
    if random.chance(oneIn: 2) { feature.condition = .random(&random) }
    if random.chance(oneIn: 2) { feature.otherwise = Placed(["0", "-1.5", "7"].randomElement(using: &random) ?? "0") }
    return feature
  }

  private static func duration(_ random: inout SeededRandom) -> Int64 {
    let unit: Int64 =
      [1, 1000, 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000].randomElement(using: &random) ?? 1
    return unit * Int64.random(in: 0...1000, using: &random)
  }
}

extension Syntax {
  /// An expression that uses the words of clauses as names where it may.
  static func random(_ random: inout SeededRandom, depth: Int = 3) -> Syntax {
    guard depth > 0, !random.chance(oneIn: 3) else {
      switch Int.random(in: 0..<4, using: &random) {
      case 0: return .number(["0", "1.5", "12"].randomElement(using: &random) ?? "7", 0..<0)
      case 1: return .text(["", "it's", "over 1d else 0"].randomElement(using: &random) ?? "", 0..<0)
      default:
        let names = ["amount", "flag", "over", "last", "where", "times", "left", "delayed", "rows", "count", "exact"]
        return .column(names.randomElement(using: &random) ?? "amount", 0..<0)
      }
    }
    func part() -> Syntax { .random(&random, depth: depth - 1) }
    let isNegated = random.chance(oneIn: 2)
    switch Int.random(in: 0..<8, using: &random) {
    case 0: return .not(part(), 0..<0)
    case 1: return .choice(part(), then: part(), otherwise: part(), 0..<0)
    case 2: return .membership(part(), [part(), part()], isNegated: isNegated, 0..<0)
    case 3: return .isNull(part(), isNegated: isNegated, 0..<0)
    case 4: return .call("coalesce", [part(), part()], name: 0..<0, 0..<0)
    case 5: return .between(part(), low: part(), high: part(), isNegated: isNegated, 0..<0)
    default:
      return .binary(BinaryOperator.allCases.randomElement(using: &random) ?? .and, part(), part(), 0..<0)
    }
  }
}
