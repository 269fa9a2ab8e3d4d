import Records
import Testing

/// Decimal numbers at the edges of what fits.
@Suite struct DecimalTextTests {
  /// Numbers just below and at 2^64 and 2^63, scaled by 10^`scale`, with something to round behind the last place kept.
  @Test(arguments: 0...18)
  func whatDoesNotFitIsNoNumberHoweverItIsRounded(scale: Int) {
    for (integer, fits) in [
      ("18446744073709551615", false), ("18446744073709551614", false), ("9223372036854775808", false),
      ("9223372036854775807", false), ("9223372036854775806", true),
    ] {
      let point = integer.index(integer.endIndex, offsetBy: -min(scale, integer.count))
      for rest in ["5", "9", "50000000001"] {
        let text = "\(integer[..<point]).\(integer[point...])\(rest)"
        let value = DecimalText.parse(Array(text.utf8).span, scale: scale)
        #expect((value != nil) == fits, "\(text) as decimal(\(scale)) is \(String(describing: value))")
      }
      // The same digits in front of the point.
      #expect(DecimalText.parse(Array("\(integer).5".utf8).span, scale: scale) == nil || (fits && scale == 0))
    }
    #expect(DecimalText.parse(Array("-9223372036854775808.4".utf8).span, scale: 0) == .min)
    #expect(DecimalText.parse(Array("-9223372036854775808.5".utf8).span, scale: 0) == .min)
    #expect(DecimalText.parse(Array("-9223372036854775808.6".utf8).span, scale: 0) == nil)
  }
}
