import Records
import TestSupport
import Testing

/// Saved state and the partitions of keys rest on these values: whoever changes one breaks both.
@Suite struct StableHashTests {
  @Test(
    arguments: [
      (0, 0xE220_A839_7B1D_CDAF), (1, 0x910A_2DEC_8902_5CC1), (-1, 0xE4D9_7177_1B65_2C20), (42, 0xBDD7_3226_2FEB_6E95),
      (.max, 0x2A67_D755_2E03_9EA7), (.min, 0x481E_C0A2_12A9_F3DB),
    ] as [(Int64, UInt64)]
  )
  func ofNumbers(value: Int64, hash: UInt64) { #expect(StableHash.of(value) == hash) }

  @Test(
    arguments: [
      ("", 0xE220_A839_7B1D_CDAF), ("a", 0x5E02_5F9A_DE9E_AF3E), ("sluice", 0x4306_5E09_1FEC_12A6),
      ("12345678", 0x83DB_EC76_B33F_9CA3), ("123456789", 0x7CF4_6F00_F45F_A22A), ("Z\u{FC}rich", 0xBB34_B4AF_9179_5C07),
      (String(repeating: "\0", count: 64), 0x5EB4_8241_9984_4ECB),
    ] as [(String, UInt64)]
  )
  func ofTexts(text: String, hash: UInt64) {
    #expect(StableHash.of(text) == hash)
    #expect(text.withBytes { StableHash.of($0) } == hash)
  }

  @Test func ofASchema() {
    let schema = Schema([
      Field("id", .int64), Field("amount", .decimal(scale: 2), nullable: true), Field("St\u{E4}dt", .string),
    ])
    #expect(schema.fingerprint == 0xFAF5_6DC7_D81D_5378)
  }

  @Test func numbersCanBeHadBackFromTheirHashes() {
    var random = SeededRandom(seed: 0)
    for _ in 0..<10_000 {
      let value = Int64(bitPattern: random.next()) >> Int64.random(in: 0..<64, using: &random)
      var z = StableHash.of(value)
      z = (z ^ z >> 31 ^ z >> 62) &* 0x3196_42B2_D24D_8EC3
      z = (z ^ z >> 27 ^ z >> 54) &* 0x96DE_1B17_3F11_9089
      z = (z ^ z >> 30 ^ z >> 60) &- 0x9E37_79B9_7F4A_7C15
      #expect(Int64(bitPattern: z) == value)
    }
  }

  /// Every fingerprint stands for one schema: no part of a field runs into the next.
  @Test func schemasThatDifferHaveOtherFingerprints() {
    let schemas = [
      Schema([]), Schema([Field("a", .int64)]), Schema([Field("a", .int64, nullable: true)]),
      Schema([Field("a", .float64)]),
      Schema([Field("a", .decimal(scale: 1))]), Schema([Field("a", .decimal(scale: 10))]), Schema([Field("b", .int64)]),
      Schema([Field("a", .int64), Field("b", .int64)]), Schema([Field("b", .int64), Field("a", .int64)]),
      Schema([Field("a int64\n1:b", .int64)]),
    ]
    #expect(Set(schemas.map(\.fingerprint)).count == schemas.count)
  }
}
