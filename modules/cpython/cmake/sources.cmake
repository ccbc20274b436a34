# Copyright (c) 2026 The ZPy authors
# SPDX-License-Identifier: Apache-2.0

# Which of upstream's files make the interpreter: what upstream's own Makefile puts into
# libpython, less what this platform replaces (frozen.c by the build, getpath.c by port/getpath.c).
#
# A module is declared by cpython_module(NAME [INIT function] FILES…): its files are compiled and it
# enters the table of built-in modules. Paths are relative to CPYTHON_SRC.

set(CPYTHON_MODULES "")
set(CPYTHON_SOURCES
  Parser/action_helpers.c
  Parser/lexer/buffer.c
  Parser/lexer/lexer.c
  Parser/lexer/state.c
  Parser/myreadline.c
  Parser/parser.c
  Parser/peg_api.c
  Parser/pegen.c
  Parser/pegen_errors.c
  Parser/string_parser.c
  Parser/token.c
  Parser/tokenizer/file_tokenizer.c
  Parser/tokenizer/helpers.c
  Parser/tokenizer/readline_tokenizer.c
  Parser/tokenizer/string_tokenizer.c
  Parser/tokenizer/utf8_tokenizer.c

  Objects/abstract.c
  Objects/boolobject.c
  Objects/bytearrayobject.c
  Objects/bytes_methods.c
  Objects/bytesobject.c
  Objects/call.c
  Objects/capsule.c
  Objects/cellobject.c
  Objects/classobject.c
  Objects/codeobject.c
  Objects/complexobject.c
  Objects/descrobject.c
  Objects/dictobject.c
  Objects/enumobject.c
  Objects/exceptions.c
  Objects/fileobject.c
  Objects/floatobject.c
  Objects/frameobject.c
  Objects/funcobject.c
  Objects/genericaliasobject.c
  Objects/genobject.c
  Objects/interpolationobject.c
  Objects/iterobject.c
  Objects/listobject.c
  Objects/longobject.c
  Objects/memoryobject.c
  Objects/methodobject.c
  Objects/moduleobject.c
  Objects/namespaceobject.c
  Objects/object.c
  Objects/obmalloc.c
  Objects/odictobject.c
  Objects/picklebufobject.c
  Objects/rangeobject.c
  Objects/setobject.c
  Objects/sliceobject.c
  Objects/structseq.c
  Objects/templateobject.c
  Objects/tupleobject.c
  Objects/typeobject.c
  Objects/typevarobject.c
  Objects/unicodectype.c
  Objects/unicodeobject.c
  Objects/unicodeobject.c
  Objects/unionobject.c
  Objects/weakrefobject.c

  Python/Python-ast.c
  Python/Python-tokenize.c
  Python/_contextvars.c
  Python/_warnings.c
  Python/asdl.c
  Python/assemble.c
  Python/ast.c
  Python/ast_preprocess.c
  Python/ast_unparse.c
  Python/bltinmodule.c
  Python/bootstrap_hash.c
  Python/brc.c
  Python/ceval.c
  Python/ceval_gil.c
  Python/codecs.c
  Python/codegen.c
  Python/compile.c
  Python/context.c
  Python/critical_section.c
  Python/crossinterp.c
  Python/dtoa.c
  Python/dynamic_annotations.c
  Python/dynload_stub.c
  Python/errors.c
  Python/fileutils.c
  Python/flowgraph.c
  Python/formatter_unicode.c
  Python/frame.c
  Python/future.c
  Python/gc.c
  Python/gc_free_threading.c
  Python/gc_gil.c
  Python/getargs.c
  Python/getcompiler.c
  Python/getcopyright.c
  Python/getopt.c
  Python/getplatform.c
  Python/getversion.c
  Python/hamt.c
  Python/hashtable.c
  Python/import.c
  Python/importdl.c
  Python/index_pool.c
  Python/initconfig.c
  Python/instruction_sequence.c
  Python/instrumentation.c
  Python/interpconfig.c
  Python/intrinsics.c
  Python/jit.c
  Python/legacy_tracing.c
  Python/lock.c
  Python/marshal.c
  Python/modsupport.c
  Python/mysnprintf.c
  Python/mystrtoul.c
  Python/object_stack.c
  Python/optimizer.c
  Python/optimizer_analysis.c
  Python/optimizer_symbols.c
  Python/parking_lot.c
  Python/pathconfig.c
  Python/perf_jit_trampoline.c
  Python/perf_trampoline.c
  Python/preconfig.c
  Python/pyarena.c
  Python/pyctype.c
  Python/pyhash.c
  Python/pylifecycle.c
  Python/pymath.c
  Python/pystate.c
  Python/pystrcmp.c
  Python/pystrhex.c
  Python/pystrtod.c
  Python/pythonrun.c
  Python/pytime.c
  Python/qsbr.c
  Python/remote_debugging.c
  Python/specialize.c
  Python/stackrefs.c
  Python/structmember.c
  Python/suggestions.c
  Python/symtable.c
  Python/sysmodule.c
  Python/thread.c
  Python/traceback.c
  Python/tracemalloc.c
  Python/uniqueid.c

  Modules/gcmodule.c
  Modules/getbuildinfo.c
  Modules/main.c
)

macro(cpython_module name)
  cmake_parse_arguments(MODULE "" "INIT" "" ${ARGN})
  if(NOT MODULE_INIT)
    set(MODULE_INIT PyInit_${name})
  endif()
  list(APPEND CPYTHON_MODULES "${name}=${MODULE_INIT}")
  list(APPEND CPYTHON_SOURCES ${MODULE_UNPARSED_ARGUMENTS})
endmacro()

# What the interpreter cannot start without.
cpython_module(_abc Modules/_abc.c)
cpython_module(_codecs Modules/_codecsmodule.c)
cpython_module(_collections Modules/_collectionsmodule.c)
cpython_module(_functools Modules/_functoolsmodule.c)
cpython_module(_io Modules/_io/_iomodule.c Modules/_io/bufferedio.c Modules/_io/bytesio.c
  Modules/_io/fileio.c Modules/_io/iobase.c Modules/_io/stringio.c Modules/_io/textio.c)
cpython_module(_locale Modules/_localemodule.c)
cpython_module(_opcode Modules/_opcode.c)
cpython_module(_operator Modules/_operator.c)
cpython_module(_signal Modules/signalmodule.c)
cpython_module(_sre Modules/_sre/sre.c)
cpython_module(_stat Modules/_stat.c)
cpython_module(_suggestions Modules/_suggestions.c)
cpython_module(_symtable Modules/symtablemodule.c)
cpython_module(_sysconfig Modules/_sysconfig.c)
cpython_module(_thread Modules/_threadmodule.c)
cpython_module(_tracemalloc Modules/_tracemalloc.c)
cpython_module(_types Modules/_typesmodule.c)
cpython_module(_typing Modules/_typingmodule.c)
cpython_module(_weakref Modules/_weakref.c)
cpython_module(atexit Modules/atexitmodule.c)
cpython_module(errno Modules/errnomodule.c)
cpython_module(faulthandler Modules/faulthandler.c)
cpython_module(itertools Modules/itertoolsmodule.c)
cpython_module(posix Modules/posixmodule.c)
cpython_module(time Modules/timemodule.c)

# Small accelerators that the library is slow or useless without.
cpython_module(_asyncio Modules/_asynciomodule.c)
cpython_module(_bisect Modules/_bisectmodule.c)
cpython_module(_csv Modules/_csv.c)
cpython_module(_datetime Modules/_datetimemodule.c)
cpython_module(_heapq Modules/_heapqmodule.c)
cpython_module(_json Modules/_json.c)
cpython_module(_pickle Modules/_pickle.c)
cpython_module(_queue Modules/_queuemodule.c)
cpython_module(_random Modules/_randommodule.c)
cpython_module(_socket Modules/socketmodule.c)
cpython_module(_statistics Modules/_statisticsmodule.c)
cpython_module(_struct Modules/_struct.c)
cpython_module(_zoneinfo Modules/_zoneinfo.c)
cpython_module(array Modules/arraymodule.c)
cpython_module(binascii Modules/binascii.c)
cpython_module(cmath Modules/cmathmodule.c)
cpython_module(fcntl Modules/fcntlmodule.c)
cpython_module(grp Modules/grpmodule.c)
cpython_module(math Modules/mathmodule.c)
cpython_module(pwd Modules/pwdmodule.c)
cpython_module(resource Modules/resource.c)
cpython_module(select Modules/selectmodule.c)
cpython_module(zlib Modules/zlibmodule.c)

if(CONFIG_CPYTHON_MODULE_HASHES)
  cpython_module(_md5 Modules/md5module.c Modules/_hacl/Hacl_Hash_MD5.c)
  cpython_module(_sha1 Modules/sha1module.c Modules/_hacl/Hacl_Hash_SHA1.c)
  cpython_module(_sha2 Modules/sha2module.c Modules/_hacl/Hacl_Hash_SHA2.c)
  cpython_module(_sha3 Modules/sha3module.c Modules/_hacl/Hacl_Hash_SHA3.c)
  cpython_module(_blake2 Modules/blake2module.c Modules/_hacl/Hacl_Hash_Blake2b.c
    Modules/_hacl/Hacl_Hash_Blake2s.c Modules/_hacl/Lib_Memzero0.c)
  cpython_module(_hmac Modules/hmacmodule.c Modules/_hacl/Hacl_HMAC.c
    Modules/_hacl/Hacl_Streaming_HMAC.c)
endif()

if(CONFIG_CPYTHON_MODULE_DECIMAL)
  cpython_module(_decimal Modules/_decimal/_decimal.c
    Modules/_decimal/libmpdec/basearith.c
    Modules/_decimal/libmpdec/constants.c
    Modules/_decimal/libmpdec/context.c
    Modules/_decimal/libmpdec/convolute.c
    Modules/_decimal/libmpdec/crt.c
    Modules/_decimal/libmpdec/difradix2.c
    Modules/_decimal/libmpdec/fnt.c
    Modules/_decimal/libmpdec/fourstep.c
    Modules/_decimal/libmpdec/io.c
    Modules/_decimal/libmpdec/mpalloc.c
    Modules/_decimal/libmpdec/mpdecimal.c
    Modules/_decimal/libmpdec/numbertheory.c
    Modules/_decimal/libmpdec/sixstep.c
    Modules/_decimal/libmpdec/transpose.c)
endif()

if(CONFIG_CPYTHON_MODULE_UNICODEDATA)
  cpython_module(unicodedata Modules/unicodedata.c)
endif()

if(CONFIG_CPYTHON_MODULE_XML)
  cpython_module(pyexpat Modules/pyexpat.c Modules/expat/xmlparse.c Modules/expat/xmlrole.c
    Modules/expat/xmltok.c)
  cpython_module(_elementtree Modules/_elementtree.c)
endif()

if(CONFIG_CPYTHON_MODULE_CJKCODECS)
  cpython_module(_multibytecodec Modules/cjkcodecs/multibytecodec.c)
  foreach(codec cn hk iso2022 jp kr tw)
    cpython_module(_codecs_${codec} Modules/cjkcodecs/_codecs_${codec}.c)
  endforeach()
endif()

if(CONFIG_CPYTHON_MODULE_INTERPRETERS)
  cpython_module(_interpreters Modules/_interpretersmodule.c)
  cpython_module(_interpchannels Modules/_interpchannelsmodule.c)
  cpython_module(_interpqueues Modules/_interpqueuesmodule.c)
endif()

if(CONFIG_CPYTHON_MODULE_PROFILE)
  cpython_module(_lsprof Modules/_lsprof.c Modules/rotatingtree.c)
endif()

# Upstream's C modules for its tests. They use the public API and refuse to be compiled as part of
# the core, so their files go into a list of their own. Those that upstream's tests load as shared
# libraries (_testmultiphase, _testsinglephase, _testimportmultiple) cannot be had here.
set(CPYTHON_TEST_SOURCES "")
if(CONFIG_CPYTHON_TESTS)
  macro(cpython_test_module name)
    file(GLOB files RELATIVE ${CPYTHON_SRC} CONFIGURE_DEPENDS ${CPYTHON_SRC}/Modules/${name}/*.c)
    list(APPEND CPYTHON_MODULES "${name}=PyInit_${name}")
    list(APPEND CPYTHON_TEST_SOURCES ${ARGN} ${files})
  endmacro()
  cpython_test_module(_testbuffer Modules/_testbuffer.c)
  cpython_test_module(_testcapi Modules/_testcapimodule.c)
  cpython_test_module(_testclinic Modules/_testclinic.c)
  cpython_test_module(_testclinic_limited Modules/_testclinic_limited.c)
  cpython_test_module(_testinternalcapi Modules/_testinternalcapi.c)
  cpython_test_module(_testlimitedcapi Modules/_testlimitedcapi.c)
endif()

# Modules whose code is part of the core.
cpython_module(_ast INIT PyInit__ast)
cpython_module(_contextvars INIT PyInit__contextvars)
cpython_module(_imp INIT PyInit__imp)
cpython_module(_string INIT PyInit__string)
cpython_module(_tokenize INIT PyInit__tokenize)
cpython_module(_warnings INIT _PyWarnings_Init)
cpython_module(builtins INIT NULL)
cpython_module(gc INIT PyInit_gc)
cpython_module(marshal INIT PyMarshal_Init)
cpython_module(sys INIT NULL)

# How each file is optimised where the interpreter is (CPYTHON_OPTIMIZE_SPEED). What programs spend
# their time in gets all that the compiler has; the rest gains a percent from it and takes a fifth
# more space. What runs once or when somebody waits for a device or a person is made small. Who
# moves a file looks at `./zpy bench`: it compares with a CPython that is fast everywhere.
set(CPYTHON_FAST
  Modules/_bisectmodule.c
  Modules/_collectionsmodule.c
  Modules/_decimal/
  Modules/_functoolsmodule.c
  Modules/_hacl/Hacl_Hash_
  Modules/_heapqmodule.c
  Modules/_json.c
  Modules/_operator.c
  Modules/_pickle.c
  Modules/_randommodule.c
  Modules/_sre/
  Modules/_struct.c
  Modules/binascii.c
  Modules/itertoolsmodule.c
  Modules/mathmodule.c
  Objects/abstract.c
  Objects/call.c
  Objects/classobject.c
  Objects/descrobject.c
  Objects/dictobject.c
  Objects/enumobject.c
  Objects/floatobject.c
  Objects/frameobject.c
  Objects/funcobject.c
  Objects/genobject.c
  Objects/iterobject.c
  Objects/listobject.c
  Objects/longobject.c
  Objects/methodobject.c
  Objects/object.c
  Objects/obmalloc.c
  Objects/rangeobject.c
  Objects/setobject.c
  Objects/sliceobject.c
  Objects/tupleobject.c
  Objects/typeobject.c
  Objects/unicodectype.c
  Objects/unicodeobject.c
  Python/bltinmodule.c
  Python/ceval.c
  Python/dtoa.c
  Python/frame.c
  Python/gc.c
  Python/marshal.c
  Python/pyhash.c
  Python/specialize.c
)
set(CPYTHON_SMALL
  Modules/_codecs_
  Modules/_interp
  Modules/_localemodule.c
  Modules/_lsprof.c
  Modules/_stat.c
  Modules/_sysconfig.c
  Modules/_tracemalloc.c
  Modules/_zoneinfo.c
  Modules/cjkcodecs/
  Modules/errnomodule.c
  Modules/expat/
  Modules/faulthandler.c
  Modules/fcntlmodule.c
  Modules/getbuildinfo.c
  Modules/grpmodule.c
  Modules/hmacmodule.c
  Modules/main.c
  Modules/posixmodule.c
  Modules/pwdmodule.c
  Modules/pyexpat.c
  Modules/resource.c
  Modules/selectmodule.c
  Modules/signalmodule.c
  Modules/socketmodule.c
  Modules/timemodule.c
  Modules/unicodedata.c
  Modules/zlibmodule.c
  Objects/structseq.c
  Objects/typevarobject.c
  Python/Python-ast.c
  Python/_warnings.c
  Python/ast_unparse.c
  Python/codecs.c
  Python/crossinterp.c
  Python/fileutils.c
  Python/getopt.c
  Python/import.c
  Python/importdl.c
  Python/initconfig.c
  Python/instrumentation.c
  Python/interpconfig.c
  Python/legacy_tracing.c
  Python/optimizer
  Python/pathconfig.c
  Python/perf_
  Python/preconfig.c
  Python/pylifecycle.c
  Python/pythonrun.c
  Python/remote_debugging.c
  Python/suggestions.c
  Python/sysmodule.c
  Python/traceback.c
  Python/tracemalloc.c
)

# cpython_optimization(<file> <variable>): the options of a file, by the two lists.
function(cpython_optimization file variable)
  # Code that starts at round addresses is a sixteenth larger.
  set(option -O2 -fno-align-functions -fno-align-jumps -fno-align-loops -fno-align-labels)
  foreach(prefix ${CPYTHON_FAST})
    string(FIND ${file} ${prefix} position)
    if(position EQUAL 0)
      set(option -O3)
    endif()
  endforeach()
  foreach(prefix ${CPYTHON_SMALL})
    string(FIND ${file} ${prefix} position)
    if(position EQUAL 0)
      set(option -Os)
    endif()
  endforeach()
  set(${variable} ${option} PARENT_SCOPE)
endfunction()
