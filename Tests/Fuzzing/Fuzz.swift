internal import Foundation

/// One input of the fuzzer: the first byte says what reads the rest. Whatever the bytes, that must not trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let first = input.first, let subject = Subject(rawValue: first) else { return -1 }
  subject.read(Array(input.dropFirst()))
  return 0
}

/// libFuzzer's loop: its own `main` does nothing else.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>,
  _ testOneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The package manager has `main` be this. With `SLUICE_FUZZ_CORPUS` set, writes inputs to begin with into that folder first.
@_cdecl("fuzz_main")
public func main(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  if let folder = ProcessInfo.processInfo.environment["SLUICE_FUZZ_CORPUS"] {
    do { try FirstInputs.write(to: URL(filePath: folder)) } catch {
      fatalError("cannot write the first inputs: \(error)")
    }
  }
  var (count, arguments) = unsafe (count, arguments)
  return unsafe runDriver(&count, &arguments, testOneInput)
}
