#include "engines/postgres/connection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hone::postgres {
namespace {

using testing::HasSubstr;
using testing::Not;

Error failure_of(const std::string& conninfo) {
    auto connection = Connection::open(conninfo, Deadline::after(Seconds{5}));
    EXPECT_FALSE(connection.ok());
    return connection.ok() ? Error{ErrorCode::kInternal, "", ""} : connection.error();
}

TEST(Connection, NobodyThereIsUnavailableAndSaysWhere) {
    const Error error = failure_of("host=/nonexistent/socket/folder port=5999 user=u dbname=d");
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
    EXPECT_EQ(error.tried(),
              "connecting to the database 'd' as 'u' on '/nonexistent/socket/folder' port 5999");
    EXPECT_THAT(error.wrong(), HasSubstr("No such file or directory"));
    EXPECT_THAT(error.wrong(), Not(HasSubstr("\n")));
}

TEST(Connection, MalformedStringIsInvalidAndNamesTheOption) {
    const Error error = failure_of("hots=localhost dbname=d");
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(error.wrong(), HasSubstr("hots"));
}

TEST(Connection, PasswordIsInNoMessage) {
    for (const char* conninfo :
         {"host=/nonexistent password=hunter2", "host=/nonexistent password=my hunter2",
          "password=my hunter2=x", "postgresql://u:hunter2@localhost:notaport/d",
          "postgresql://u:p%hunter2@localhost/d"})
        EXPECT_THAT(failure_of(conninfo).message(), Not(HasSubstr("hunter2"))) << conninfo;
}

TEST(QuotedIdentifier, DoublesQuotes) {
    EXPECT_EQ(quoted_identifier("plain"), R"("plain")");
    EXPECT_EQ(quoted_identifier(R"(a"b; DROP)"), R"("a""b; DROP")");
}

TEST(QuotedLiteral, DoublesQuotesAndBackslashes) {
    EXPECT_EQ(quoted_literal("it's"), "'it''s'");
    EXPECT_EQ(quoted_literal(R"(a\'b)"), R"(E'a\\''b')");
}

}  // namespace
}  // namespace hone::postgres
