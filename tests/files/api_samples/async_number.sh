curl --location --request POST 'https://ai.api.longlonglong.cn/agent-api/user/4d99d91c-f5d9-49da-88da-758977cc58a9/task/b15b7392-a83f-4e0e-9570-31dd2ec8f85c/async_number' \
--header 'Authorization: Bearer YOUR_TOKEN' \
--header 'Content-Type: application/json' \
--data-raw '{
    "ignore_crm": true,
    "encryption": false,
    "number_add_suffix": false,
    "data": [
        {
            "name": "联系人1",
            "phone": "13012121211",
            "email": "12345@qq.com",
            "company": "xxx公司",
            "sex": 0,
            "sort": 0,
            "source_id": 1,
            "industry_id": 2,
            "grade_id": 1,
            "extra": "0c51fc89-f6cf-405b-bb36-2c06900c3b5e",
            "components": [
                {
                    "id": "2a87347c-6dd5-4e22-97fe-9b8001dbcd17",
                    "value": "小牛"
                }
            ],
            "control_select_robot": "男"
        }
    ]
}'
