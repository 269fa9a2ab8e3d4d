/// An instruction made ready to run: what it does, with the types decided, and the registers that it works on.
struct Step: BitwiseCopyable {
  let code: Code
  /// The register that it writes; none of those that it reads.
  let target: Int32
  /// The registers that it reads, as many as `code` needs.
  let a: Int32
  let b: Int32
  let c: Int32
  let d: Int32
  /// A number that goes with the code: a column, a factor, or a place in one of the program's tables.
  let bits: Int64

  enum Code: UInt8, BitwiseCopyable {
    case loadWord, loadBool, loadText
    // Conversions.
    case scaleUp, roundDown, roundFloat, wordToFloat, divideWord, truncateFloat
    case floorWord, ceilWord, roundWord, floorFloat, ceilFloat, nearestFloat, copy
    // Arithmetic.
    case negateWord, negateFloat, absoluteWord, absoluteFloat, signWord, signFloat
    case addWord, addFloat, subtractWord, subtractFloat, multiplyWord, multiplyFloat, divideFloat, remainderWord
    case minimumWord, minimumFloat, maximumWord, maximumFloat
    case squareRoot, exponential, logarithm, power, haversine
    // Comparisons; `bits` is the `Comparison`, where there is more than one for the code.
    case equalWord, notEqualWord, lessWord, lessOrEqualWord
    case equalFloat, notEqualFloat, lessFloat, lessOrEqualFloat
    case compareScaledLeft, compareScaledRight, equalText, compareText
    // Truth.
    case and, or, not, isNull, choose, coalesce
    // Membership and patterns.
    case isMemberWord, isMemberText, matches
    // Tables; `At` with a time.
    case findWord, findText, findWordAt, findTextAt, fetchWord, fetchText
    // Time.
    case year, month, day, hour, minute, weekday, local, secondsBetween
    // Text.
    case lower, upper, trim, length, contains, startsWith, endsWith, concatenate, substring
    // Hashes.
    case hashWord, hashFloat, hashText, hashNextWord, hashNextFloat, hashNextText, bucket
  }
}
