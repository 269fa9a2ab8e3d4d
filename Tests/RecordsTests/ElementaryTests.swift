import Glibc
import Records
import TestSupport
import Testing

/// The same bits everywhere can only be promised by construction; what is tested is that they are the right ones. The
/// judge is the C library, itself less than one unit in the last place from the truth.
@Suite struct ElementaryTests {
  struct Function: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let ours: @Sendable (Double) -> Double
    let theirs: @Sendable (Double) -> Double
    /// What arguments are drawn from.
    let range: ClosedRange<Double>
  }

  static let functions = [
    Function(testDescription: "exp", ours: Elementary.exp, theirs: Glibc.exp, range: -750...720),
    Function(testDescription: "exp2", ours: Elementary.exp2, theirs: Glibc.exp2, range: -1080...1030),
    Function(testDescription: "ln", ours: Elementary.ln, theirs: Glibc.log, range: 0...1e6),
    Function(testDescription: "sin", ours: Elementary.sin, theirs: Glibc.sin, range: -0x1p20...0x1p20),
    Function(testDescription: "cos", ours: Elementary.cos, theirs: Glibc.cos, range: -0x1p20...0x1p20),
    Function(testDescription: "asin", ours: Elementary.asin, theirs: Glibc.asin, range: -1...1),
  ]

  /// Units in the last place between two results; 0 for two that are no number.
  static func distance(_ left: Double, _ right: Double) -> UInt64 {
    if left.isNaN || right.isNaN { return left.isNaN == right.isNaN ? 0 : .max }
    func place(_ value: Double) -> Int64 {
      let bits = Int64(bitPattern: value.bitPattern)
      return bits < 0 ? .min &- bits : bits
    }
    return place(left).distance(to: place(right)).magnitude.asUInt64
  }

  @Test(arguments: functions)
  func agreesWithTheLibrary(function: Function) {
    for seed in Seeds.range(50) {
      var random = SeededRandom(seed: seed)
      for _ in 0..<2000 {
        var x = Double.random(in: function.range, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
          x = Double.random(in: max(function.range.lowerBound, -2)...min(function.range.upperBound, 2), using: &random)
        case 1:
          x = Double(sign: x < 0 ? .minus : .plus, exponent: .random(in: -1074...0, using: &random), significand: 1.37)
        case 2: x = x.rounded()
        case 3:
          // Near multiples of a quarter turn, where almost all cancels.
          x = (x / (.pi / 2)).rounded() * (.pi / 2)
        default: break
        }
        guard function.range.contains(x) else { continue }
        let (ours, theirs) = (function.ours(x), function.theirs(x))
        #expect(
          Self.distance(ours, theirs) <= 2,
          "\(function.testDescription)(\(x)) is \(ours) and not \(theirs), seed \(seed)"
        )
      }
    }
  }

  @Test(arguments: functions)
  func knowsSpecialValues(function: Function) {
    let powers = (-1074...1023).map { Double(sign: .plus, exponent: $0, significand: 1) }
    let special: [Double] = [
      0, -0.0, 1, -1, 0.5, -0.5, 0.975, .pi, .pi / 2, .pi / 4, .nan, .leastNonzeroMagnitude, .leastNormalMagnitude,
      709.782712893384, 709.7827128933841, -745.1332191019411, -745.1332191019412, -708.4, 1.0.nextUp, 1.0.nextDown,
      1.4142135623730951, 0.7071067811865476, 2, 1024, 1023.9999999999999, -1074, -1075, -1022.5, -1074.5,
    ]
    let isCircle = function.testDescription == "sin" || function.testDescription == "cos"
    for x in special + powers + powers.map(-) where !(isCircle && abs(x) > 0x1p20) {
      let (ours, theirs) = (function.ours(x), function.theirs(x))
      #expect(Self.distance(ours, theirs) <= 1, "\(function.testDescription)(\(x)) is \(ours) and not \(theirs)")
      #expect(ours.sign == theirs.sign || ours.isNaN, "the sign of \(function.testDescription)(\(x))")
    }
    for x in [Double.infinity, -.infinity, .greatestFiniteMagnitude] {
      if isCircle {
        #expect(function.ours(x).isNaN)
      } else {
        #expect(Self.distance(function.ours(x), function.theirs(x)) <= 1, "\(function.testDescription)(\(x))")
      }
    }
  }

  @Test func powersOfTwoAreExact() {
    for exponent in -1074...1023 {
      #expect(Elementary.exp2(Double(exponent)) == Double(sign: .plus, exponent: exponent, significand: 1))
    }
  }
}

extension UInt {
  fileprivate var asUInt64: UInt64 { UInt64(self) }
}
